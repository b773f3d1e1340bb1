import { el } from './dom.js';

/** How long something can be taken back, in milliseconds. */
const TIME = 8000;

/**
 * A line that offers to take back what was just done, for a while; as long as the pointer or the focus is on it, time
 * stands still.
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

  /** Whether there is something to take back now. */
  get offered() {
    return this.#back !== null;
  }

  /** @param {string} words what was done @param {function(): void} back takes it back */
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
