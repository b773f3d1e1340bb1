import { el } from '../base/dom.js';
import { formatCountdown, t } from '../base/i18n.js';

/** The interval at which the remaining time is updated, in milliseconds. */
const TICK = 1_000;

/** Says when a question can be asked again, and keeps a button disabled until then. It asks nothing by itself. */
export class Countdown {
  #until;
  #button;
  #onOver;
  #ticking = 0;

  /**
   * @param {number} until milliseconds since 1970
   * @param {?HTMLButtonElement} button enabled at that time
   * @param {function(string): void} onOver told the words for that time when it has come
   */
  constructor(until, button, onOver) {
    this.#until = until;
    this.#button = button;
    this.#onOver = onOver;
    this.element = el('p', { class: 'countdown', role: 'timer' });
    if (this.#show()) {
      this.#ticking = setInterval(() => this.#tick(), TICK);
    }
  }

  stop() {
    clearInterval(this.#ticking);
  }

  #tick() {
    if (!this.#show()) {
      this.stop();
      this.#onOver(t('failure.again-now'));
    }
  }

  /** @returns whether there is time left */
  #show() {
    const seconds = Math.ceil((this.#until - Date.now()) / 1000);
    const waits = seconds > 0;
    this.element.textContent = waits
      ? t('failure.again-in', { time: formatCountdown(seconds) })
      : t('failure.again-now');
    if (this.#button) {
      this.#button.disabled = waits;
    }
    return waits;
  }
}
