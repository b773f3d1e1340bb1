import { same, tidied } from './conversation.js';

/**
 * What is written of conversations, and when: of each the messages that are not kept as they are now. While one version
 * of a conversation is being written, later ones wait, and only the newest of them is written.
 */
export class Writes {
  #write;
  #written;

  /** How each message is kept, as far as this tab knows: what is otherwise now is to be written. */
  #kept = new WeakMap();

  /** The messages that the browser would not write, for want of room, say: what is kept of them is older. */
  #refused = new WeakSet();

  /**
   * Per conversation, how many writes are under way, and the next one that waits for them.
   *
   * @type {Map<string, {under: number, next: ?{conversation: Object, promise: Promise, resolve: Function,
   *   reject: Function}}>}
   */
  #queues = new Map();

  /**
   * @param {function(Object, Object[]): Promise<any>} write writes a conversation, of which these messages have changed
   * @param {function(any): boolean} written is told, with what `write` has answered, when that is done; its answer is
   *   that of {@link put}
   */
  constructor(write, written) {
    this.#write = write;
    this.#written = written;
  }

  /**
   * Writes a conversation, or has it wait for its turn.
   *
   * @param {boolean} atOnce whether it does not wait
   * @returns {Promise<boolean>} settles once it is written, or a newer version; false if it was dropped
   */
  put(conversation, atOnce) {
    const queue = this.#queues.get(conversation.id);
    if (!queue || atOnce) {
      return this.#begin(conversation);
    }
    queue.next ??= Promise.withResolvers();
    queue.next.conversation = conversation;
    return queue.next.promise;
  }

  /** What waits of a conversation waits no longer. */
  writeNow(id) {
    const queue = this.#queues.get(id);
    if (queue) {
      this.#beginNext(queue);
    }
  }

  /** Nothing waits any longer. */
  writeAll() {
    this.#queues.forEach((queue) => this.#beginNext(queue));
  }

  /** What waits of a conversation is not written. */
  drop(id) {
    const queue = this.#queues.get(id);
    queue?.next?.resolve(false);
    if (queue) {
      queue.next = null;
    }
  }

  /** Whether a conversation is being written. */
  isUnderWay(id) {
    return this.#queues.has(id);
  }

  /** Whether a message, as it is here, could not be written. */
  isRefused(message) {
    return this.#refused.has(message);
  }

  /** A conversation is kept as it was read here: it need not be written again. */
  read(conversation) {
    Object.values(conversation.messages).forEach((message) => {
      if (message.toolCalls) {
        message.toolCalls = tidied(message.toolCalls);
      }
      this.#kept.set(message, { ...message });
    });
  }

  /** Nothing of a conversation is kept any more: all of it is to be written. */
  forget({ messages }) {
    Object.values(messages).forEach((message) => this.#kept.delete(message));
  }

  /** The same for all conversations. */
  forgetAll() {
    this.#kept = new WeakMap();
  }

  async #begin(conversation) {
    const { id } = conversation;
    const changed = this.#changedIn(conversation);
    const queue = this.#queues.get(id) ?? { under: 0, next: null };
    this.#queues.set(id, queue);
    queue.under++;
    let answer;
    try {
      answer = await this.#write(conversation, changed);
      changed.forEach((message) => this.#refused.delete(message));
    } catch (error) {
      changed.forEach((message) => {
        this.#kept.delete(message);
        this.#refused.add(message);
      });
      throw error;
    } finally {
      queue.under--;
      if (queue.under === 0) {
        this.#queues.delete(id);
        this.#beginNext(queue);
      }
    }
    return this.#written(answer);
  }

  #beginNext(queue) {
    const { next } = queue;
    if (next) {
      queue.next = null;
      this.#begin(next.conversation).then(next.resolve, next.reject);
    }
  }

  /**
   * The messages that are not kept as they are now; they count as kept from here on. What a run changes within a field,
   * it changes together with another.
   */
  #changedIn({ messages }) {
    const changed = Object.values(messages).filter((message) => !same(this.#kept.get(message), message));
    changed.forEach((message) => this.#kept.set(message, { ...message }));
    return changed;
  }
}
