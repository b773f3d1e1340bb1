const NAME = 'sluice.preferences';

/** The preferences of this visitor, in local storage, which can be read synchronously, so that the theme does not flash. */
export class Preferences {
  /** Used if the browser denies storage: they then last as long as the page. */
  #inMemory = {};

  /** @returns {Object<string, any>} all that were ever set */
  all() {
    try {
      return { ...objectIn(localStorage.getItem(NAME)), ...this.#inMemory };
    } catch {
      return { ...this.#inMemory };
    }
  }

  /** @param {string} name @param {any} value as JSON can say it; undefined forgets it */
  set(name, value) {
    const all = { ...this.all(), [name]: value };
    try {
      localStorage.setItem(NAME, JSON.stringify(all));
      this.#inMemory = {};
    } catch {
      this.#inMemory = all;
    }
  }

  clear() {
    this.#inMemory = {};
    try {
      localStorage.removeItem(NAME);
    } catch {
      // storage is denied, so there is nothing to remove
    }
  }

  /** @param {function(): void} listener is told when another tab changed them */
  onChangeElsewhere(listener) {
    addEventListener('storage', ({ key }) => {
      if (key === NAME || key === null) {
        listener();
      }
    });
  }
}

function objectIn(json) {
  const value = JSON.parse(json ?? '{}');
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}
