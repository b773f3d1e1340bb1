import { el, iconButton } from '../base/dom.js';
import { t } from '../base/i18n.js';
import { branchSwitch, copyButton } from './message.js';

/** The view of a question. Editing creates a sibling of it; the old question stays on its branch. */
export class QuestionView {
  /**
   * @param {Object} message of conversation.js
   * @param {{siblings: Object, onEdit: function(string): void, onLeft: function(): void,
   *   onChoose: function(string): void}} options `onLeft` is told that editing ended without a new question
   */
  constructor(message, { siblings, onEdit, onLeft, onChoose }) {
    this.message = message;
    this.onEdit = onEdit;
    this.onLeft = onLeft;
    this.said = el('div', { class: 'said', dir: 'auto' }, message.content);
    this.editButton = iconButton('edit', t('message.edit'), () => this.edit());
    this.actions = el(
      'div',
      { class: 'actions' },
      branchSwitch(siblings, onChoose),
      copyButton(() => message.content),
      this.editButton,
    );
    this.element = el(
      'li',
      { class: 'message question', dataset: { id: message.id } },
      el('p', { class: 'who visually-hidden' }, t('message.you')),
      this.said,
      this.actions,
    );
  }

  /** @param {Object} message the same question as another tab has written it: what was asked never changes */
  update(message) {
    this.message = message;
  }

  /** Whether a new version of it is being written. */
  get editing() {
    return this.said.hidden;
  }

  /** Shows the editor in place of the question, with the focus. */
  edit() {
    const text = el('textarea', { value: this.message.content, dir: 'auto', 'aria-label': t('message.edit') });
    const send = () => {
      if (text.value.trim() !== '') {
        this.#endEditing();
        this.onEdit(text.value);
      }
    };
    const form = el(
      'form',
      {
        on: {
          submit: (event) => {
            event.preventDefault();
            send();
          },
          keydown: (event) => {
            if (event.key === 'Escape') {
              event.stopPropagation();
              this.#leave();
            } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              send();
            }
          },
        },
      },
      text,
      el(
        'div',
        { class: 'row' },
        el('button', { class: 'primary' }, t('message.ask')),
        el('button', { type: 'button', on: { click: () => this.#leave() } }, t('message.cancel')),
        el('span', { class: 'quiet-text' }, t('message.edit-hint')),
      ),
    );
    this.said.hidden = true;
    this.actions.hidden = true;
    this.said.after(form);
    this.form = form;
    text.focus();
  }

  #leave() {
    this.#endEditing();
    this.onLeft();
  }

  #endEditing() {
    this.form?.remove();
    this.said.hidden = false;
    this.actions.hidden = false;
  }
}
