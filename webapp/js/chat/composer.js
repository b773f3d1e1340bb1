import { el, icon, iconButton } from '../base/dom.js';
import { t } from '../base/i18n.js';
import { draft, keepDraft } from './drafts.js';

/** The input for questions. Keeps the text that is not sent yet, for each conversation. */
export class Composer {
  #options;
  #id = 'new';

  /**
   * @param {HTMLElement} element
   * @param {{send: function(string): void, stop: function(): void, toEnd: function(): void, editLast: function(): void,
   *   sendOnEnter: function(): boolean, picker: HTMLElement}} options
   */
  constructor(element, options) {
    this.#options = options;
    this.text = el('textarea', {
      id: 'prompt',
      rows: 1,
      dir: 'auto',
      autocomplete: 'off',
      placeholder: t('composer.placeholder'),
      'aria-label': t('composer.label'),
      on: { input: () => this.#written(), keydown: (event) => this.#key(event) },
    });
    this.hint = el('span', { class: 'hint' });
    const round = (name, label, properties) =>
      el('button', { 'aria-label': label, title: label, ...properties }, icon(name));
    this.sendButton = round('send', t('composer.send'), { id: 'send', class: 'primary', type: 'submit' });
    this.stopButton = round('stop', t('composer.stop'), {
      id: 'stop',
      class: 'halt',
      type: 'button',
      hidden: true,
      on: { click: () => options.stop() },
    });
    this.toEndButton = iconButton('down', t('composer.to-end'), options.toEnd, { id: 'to-end', hidden: true });
    this.form = el(
      'form',
      {
        class: 'writing',
        on: {
          submit: (event) => {
            event.preventDefault();
            this.#send();
          },
        },
      },
      this.text,
      el('div', { class: 'row' }, options.picker, this.hint, this.stopButton, this.sendButton),
    );
    element.replaceChildren(this.toEndButton, this.form);
    this.busy = false;
    this.refresh();
  }

  /** Shows the draft of another conversation. */
  show(id) {
    this.#id = id;
    this.put(draft(id));
  }

  /** @param {string} text takes the place of what is written */
  put(text) {
    this.text.value = text;
    this.#written();
  }

  /** The draft of a new conversation belongs to this one from now on. */
  adopt(id) {
    keepDraft(this.#id, '');
    this.#id = id;
  }

  /** @param {boolean} busy whether an answer is on its way */
  setBusy(busy) {
    const focused = document.activeElement;
    this.busy = busy;
    this.stopButton.hidden = !busy;
    this.sendButton.hidden = busy;
    // If the hidden button had the focus, the focus would be lost.
    if (busy && focused === this.sendButton) {
      this.stopButton.focus();
    } else if (!busy && focused === this.stopButton) {
      this.text.focus({ preventScroll: true });
    }
  }

  /** @param {boolean} following whether the end of the answer is in sight */
  setFollowing(following) {
    this.toEndButton.hidden = following;
  }

  focus() {
    this.text.focus({ preventScroll: true });
  }

  /** The settings have changed. */
  refresh() {
    this.hint.textContent = t(this.#options.sendOnEnter() ? 'composer.hint-enter' : 'composer.hint-ctrl');
    this.text.enterKeyHint = this.#options.sendOnEnter() ? 'send' : 'enter';
    this.#fit();
  }

  #written() {
    keepDraft(this.#id, this.text.value);
    this.#fit();
  }

  /** Adapts the height to the text, and enables the button if there is a text to send. */
  #fit() {
    this.sendButton.disabled = this.text.value.trim() === '';
    this.text.style.height = 'auto';
    this.text.style.height = `${this.text.scrollHeight}px`;
  }

  #send() {
    const text = this.text.value;
    if (this.busy || text.trim() === '') {
      return;
    }
    this.put('');
    this.#options.send(text);
  }

  #key(event) {
    // While an input method composes (Japanese, say), Enter takes its suggestion.
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key === 'Enter' && !composing && !event.shiftKey && !event.altKey) {
      if (this.#options.sendOnEnter() || event.ctrlKey || event.metaKey) {
        event.preventDefault();
        this.#send();
      }
    } else if (event.key === 'ArrowUp' && this.text.value === '' && !event.shiftKey) {
      event.preventDefault();
      this.#options.editLast();
    }
  }
}
