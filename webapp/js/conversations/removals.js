import { t } from '../base/i18n.js';
import { Undo } from '../base/undo.js';

/** Removes conversations at once, and keeps copies while this can be undone. Several removals are undone together. */
export class Removals {
  #store;
  #undo = new Undo(t('sidebar.undo'));
  #restored;
  #attempt;
  #copies = new Map();
  #current = null;

  /**
   * @param {import('./store.js').Store} store
   * @param {{
   *   attempt: function(function(): Promise<void>): void,
   *   restored: function(string, ?string): void,
   * }} sidebar `attempt` does something that may fail; `restored` is told the last one that was removed, and the one
   *   that had been open, if any
   */
  constructor(store, { attempt, restored }) {
    this.#store = store;
    this.#attempt = attempt;
    this.#restored = restored;
  }

  get element() {
    return this.#undo.element;
  }

  /** Whether there is something to take back now. */
  get offered() {
    return this.#undo.offered;
  }

  undo() {
    this.#undo.take();
  }

  /** Ends the possibility to undo. */
  settle() {
    this.#undo.withdraw();
    this.#copies.clear();
    this.#current = null;
  }

  /** @param {import('./conversation.js').Conversation} conversation @param {boolean} current whether it is open */
  async remove(conversation, current) {
    if (!this.offered) {
      this.settle();
    }
    const { id, title, messages } = conversation;
    this.#copies.set(id, conversation);
    this.#current = current ? id : this.#current;
    await this.#store.remove(id);
    const name = title || Object.values(messages)[0]?.content.slice(0, 40) || t('sidebar.untitled');
    const count = this.#copies.size;
    const words = count === 1 ? t('sidebar.removedOne', { title: name }) : t('sidebar.removedMany', { count });
    this.#undo.offer(words, () => this.#attempt(() => this.#restore()));
  }

  async #restore() {
    const copies = [...this.#copies.values()];
    const current = this.#current;
    this.settle();
    for (const conversation of copies) {
      await this.#store.restore(conversation);
    }
    this.#restored(copies.at(-1).id, current);
  }
}
