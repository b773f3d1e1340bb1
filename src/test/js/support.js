import { readFileSync } from 'node:fs';
import { speak } from '../../../webapp/js/base/i18n.js';

/** The page's catalog of a language. */
export function catalog(code) {
  return JSON.parse(readFileSync(new URL(`../../../webapp/i18n/${code}.json`, import.meta.url), 'utf8'));
}

/** Makes a language the one in use, as `loadLanguage` does in the page. */
export function speakLanguage(code) {
  speak(code, code === 'en' ? {} : catalog(code), catalog('en'));
}

/** Random numbers below 1 that are the same for the same seed (mulberry32). */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Takes the place of the page's timers: time passes when the test says so. */
export class Clock {
  #now = 0;
  #next = 1;
  #timers = new Map();
  #real = {};

  constructor() {
    const set = (work, delay = 0, period = null) => {
      this.#timers.set(this.#next, { work, at: this.#now + delay, period });
      return this.#next++;
    };
    const clear = (id) => this.#timers.delete(id);
    const faked = {
      setTimeout: (work, delay) => set(work, delay),
      setInterval: (work, period) => set(work, period, period),
      clearTimeout: clear,
      clearInterval: clear,
    };
    for (const [name, fake] of Object.entries(faked)) {
      this.#real[name] = globalThis[name];
      globalThis[name] = fake;
    }
  }

  /** Lets so many milliseconds pass, and does what is due by then, in its order. */
  tick(millis) {
    const until = this.#now + millis;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= until).sort(([, one], [, other]) => one.at - other.at);
      if (due.length === 0) {
        break;
      }
      const [id, timer] = due[0];
      this.#now = timer.at;
      if (timer.period === null) {
        this.#timers.delete(id);
      } else {
        timer.at += timer.period;
      }
      timer.work();
    }
    this.#now = until;
  }

  restore() {
    Object.assign(globalThis, this.#real);
  }
}

// The page may use these, as all browsers have them: Node 20 has not.
Map.groupBy ??= (items, keyOf) => {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
};

Promise.withResolvers ??= () => {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};
