import { arrange } from '../base/dom.js';
import { path, siblings } from '../conversations/conversation.js';

/**
 * Shows the messages on the selected path of a conversation, with one view for each. No other code changes the list's
 * element.
 */
export class MessageList {
  #list;
  #newView;
  #views = new Map(); // by the message's id

  /**
   * @param {HTMLElement} list the ol of messages
   * @param {function(Object, {siblings: {ids: string[], index: number}, isLast: boolean}): Object} newView makes the
   *   view of a message
   */
  constructor(list, newView) {
    this.#list = list;
    this.#newView = newView;
  }

  /** The view of the message of this id, if it is shown. */
  view(id) {
    return this.#views.get(id);
  }

  /** Discards a view. The next {@link show} makes a new one. */
  renew(id) {
    this.#views.get(id)?.leave?.();
    this.#views.delete(id);
  }

  /**
   * Shows the current state of the conversation. Views of unchanged messages are kept, so that the page does not jump.
   */
  show(conversation) {
    const messages = path(conversation);
    const wanted = new Map(messages.map((message) => [message.id, placeOf(message, conversation, messages)]));
    for (const [id, view] of this.#views) {
      if (!wanted.has(id) || isOutdated(view, wanted.get(id))) {
        this.renew(id);
      }
    }
    arrange(
      this.#list,
      messages.map((message) => this.#viewOf(message, wanted.get(message.id)).element),
    );
  }

  clear() {
    this.#views.forEach((view) => view.leave?.());
    this.#views.clear();
    this.#list.replaceChildren();
  }

  #viewOf(message, place) {
    const known = this.#views.get(message.id);
    if (known) {
      if (known.message !== message) {
        known.update(message);
      }
      return known;
    }
    const view = this.#newView(message, place);
    view.shown = { count: place.siblings.ids.length, index: place.siblings.index, isLast: place.isLast };
    this.#views.set(message.id, view);
    return view;
  }
}

/** The position of a message: its versions, and whether it is the last message. */
function placeOf(message, conversation, messages) {
  return { siblings: siblings(conversation, message.id), isLast: message === messages.at(-1) };
}

/**
 * Whether a view's switch between versions, or its set of enabled buttons, is outdated. A view in which the user edits
 * is kept until the end of editing.
 */
function isOutdated({ editing, shown }, { siblings: { ids, index }, isLast }) {
  return !editing && (shown.count !== ids.length || shown.index !== index || shown.isLast !== isLast);
}
