import { el } from './dom.js';

/** The time in which an action can be undone, in milliseconds. */
const TIME = 8000;

/**
 * A line with a button to undo the last action, for a limited time. While the pointer or the focus is on it, the time does
 * not run.
 */
export class Undo {
  #element = el('div', { class: 'undo', hidden: true });
  #words = el('span', { role: 'status' });
  #button;
  #back = null;
  #timer = 0;

  /** @param {string} label of the button */
  constructor(label) {
    this.#button = el('button', { type: 'button', on: { click: () => this.take() } }, label);
    this.#element.append(this.#words, this.#button);
    ['pointerenter', 'focusin'].forEach((type) => this.#element.addEventListener(type, () => this.#hold()));
    ['pointerleave', 'focusout'].forEach((type) => this.#element.addEventListener(type, () => this.#go()));
  }

  get element() {
    return this.#element;
  }

  /** Whether there is an action to undo. */
  get offered() {
    return this.#back !== null;
  }

  /** @param {string} words names the action @param {function(): void} back undoes it */
  offer(words, back) {
    this.#back = back;
    this.#element.hidden = false;
    this.#words.textContent = words;
    this.#go();
  }

  take() {
    const back = this.#back;
    this.withdraw();
    back?.();
  }

  withdraw() {
    this.#hold();
    this.#back = null;
    this.#element.hidden = true;
    this.#words.textContent = '';
  }

  #hold() {
    clearTimeout(this.#timer);
  }

  #go() {
    this.#hold();
    if (this.offered && !this.#element.matches(':hover, :focus-within')) {
      this.#timer = setTimeout(() => this.withdraw(), TIME);
    }
  }
}
