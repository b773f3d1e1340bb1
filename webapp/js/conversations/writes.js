import { same, tidied } from './conversation.js';

/**
 * Writes conversations: of each one, only the messages that differ from their stored version. While one version of a
 * conversation is being written, later ones wait, and only the newest of them is written.
 */
export class Writes {
  #write;
  #written;

  /** The stored version of each message, as far as this tab knows. A message that differs from it has to be written. */
  #kept = new WeakMap();

  /**
   * The messages that the browser has failed to write, for example for want of space. Their stored versions are older.
   */
  #refused = new WeakSet();

  /**
   * By conversation, the number of running writes, and the next one, which waits for them.
   *
   * @type {Map<string, {under: number, next: ?{conversation: Object, promise: Promise, resolve: Function, reject:
   *   Function}}>}
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
   * Writes a conversation, or lets it wait for its turn.
   *
   * @param {boolean} atOnce whether it is written without waiting
   * @returns {Promise<boolean>} settles when it, or a newer version, is written; false if it was dropped
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

  /** Starts the waiting write of a conversation. */
  writeNow(id) {
    const queue = this.#queues.get(id);
    if (queue) {
      this.#beginNext(queue);
    }
  }

  /** Starts all waiting writes. */
  writeAll() {
    this.#queues.forEach((queue) => this.#beginNext(queue));
  }

  /** Cancels the waiting write of a conversation. */
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

  /** Whether this version of a message could not be written. */
  isRefused(message) {
    return this.#refused.has(message);
  }

  /** Records that a conversation is stored as it was read here, so that it is not written again. */
  read(conversation) {
    Object.values(conversation.messages).forEach((message) => {
      if (message.toolCalls) {
        message.toolCalls = tidied(message.toolCalls);
      }
      this.#kept.set(message, { ...message });
    });
  }

  /** Records that nothing of a conversation is stored any more, so that all of it is written. */
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
   * The messages that differ from their stored version. From here on they count as stored. When a run changes the
   * inside of a field, it always changes another field as well, so the comparison finds it.
   */
  #changedIn({ messages }) {
    const changed = Object.values(messages).filter((message) => !same(this.#kept.get(message), message));
    changed.forEach((message) => this.#kept.set(message, { ...message }));
    return changed;
  }
}
