const PREFIX = 'sluice.stream.';
const CHANNEL = 'sluice.streams';

/** The longest wait for an answer of other tabs, in milliseconds. */
const PATIENCE = 300;

/**
 * Knows in which conversations any tab receives an answer. A tab holds a Web Lock while it receives, which the browser
 * releases when the tab is closed or crashes. Pages over plain HTTP have no Web Locks: there this tab asks the others, and
 * those that do not answer in time do not count.
 */
export class StreamWatch {
  #held = new Map();
  #channel = navigator.locks ? null : this.#listen();

  /** @returns {function(): void} to be called when no more is written */
  hold(id) {
    this.#held.set(id, (this.#held.get(id) ?? 0) + 1);
    let release;
    const released = new Promise((resolve) => {
      release = resolve;
    });
    navigator.locks?.request(PREFIX + id, { mode: 'shared' }, () => released).catch(() => {});
    let holding = true;
    return () => {
      if (holding) {
        holding = false;
        release();
        const left = this.#held.get(id) - 1;
        if (left > 0) {
          this.#held.set(id, left);
        } else {
          this.#held.delete(id);
        }
      }
    };
  }

  /** @returns {Promise<boolean>} whether this tab or another one writes an answer there now */
  async isStreamed(id) {
    if (this.#held.has(id)) {
      return true;
    }
    return navigator.locks ? (await this.#isLocked(id)) && this.#isLockedStill(id) : this.#ask(id);
  }

  async #isLocked(id) {
    const { held = [] } = await navigator.locks.query();
    return held.some(({ name }) => name === PREFIX + id);
  }

  /** After a reload, the browser may release the locks of the previous page a little late. */
  async #isLockedStill(id) {
    await new Promise((resolve) => {
      setTimeout(resolve, PATIENCE);
    });
    return this.#isLocked(id);
  }

  #listen() {
    if (typeof BroadcastChannel !== 'function') {
      return null;
    }
    const channel = new BroadcastChannel(CHANNEL);
    channel.addEventListener('message', ({ data }) => {
      if (data.asked !== undefined && this.#held.has(data.asked)) {
        channel.postMessage({ streamed: data.asked });
      }
    });
    return channel;
  }

  #ask(id) {
    return new Promise((resolve) => {
      const answered = ({ data }) => data.streamed === id && settle(true);
      const late = setTimeout(() => settle(false), this.#channel ? PATIENCE : 0);
      const settle = (streamed) => {
        clearTimeout(late);
        this.#channel?.removeEventListener('message', answered);
        resolve(streamed);
      };
      this.#channel?.addEventListener('message', answered);
      this.#channel?.postMessage({ asked: id });
    });
  }
}
