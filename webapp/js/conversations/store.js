import { t } from '../base/i18n.js';
import { newId } from '../base/id.js';
import { chooseWhereNoneIs, interruptStreaming, isStreaming, merge, same, summaryOf } from './conversation.js';
import { Database } from './database.js';
import { Memory } from './memory.js';
import { Preferences } from './preferences.js';
import { found, wordsOf } from './search.js';
import { StreamWatch } from './stream-watch.js';
import { Writes } from './writes.js';

const CHANNEL = 'sluice.store';

/** The number of conversations that are read at once. Between two such batches, other work can run. */
const BATCH = 8;

/** The reason why something could not be stored, in words for users. */
export class StoreError extends Error {}

/**
 * @typedef {{kind: 'put', summary: Object} | {kind: 'renamed', id: string, title: string} |
 *   {kind: 'removed', ids: string[], at: number} | {kind: 'stop', id: string} | {kind: 'preferences'}} Change each with
 *   `here`: whether this tab did it
 */

/** Opens the conversations that this browser stores; if it stores nothing, in memory. @returns {Promise<Store>} */
export async function openStore() {
  const database = new Database();
  try {
    await database.open();
    return new Store(database);
  } catch {
    return new Store(new Memory());
  }
}

/**
 * Conversations and preferences, shared by all tabs. A tab writes only those messages of a conversation that it has
 * changed. For each message, and for the other fields of a conversation, the last write wins.
 */
export class Store {
  #shelf;
  #preferences = new Preferences();
  #listeners = new Set();
  #tab = newId();
  #channel = channel();
  #streams = new StreamWatch();
  #search = null;
  #writes = new Writes(
    (conversation, changed) => this.#write(conversation, changed),
    (summary) => this.#tellWritten(summary),
  );

  /**
   * The ids that were removed while this page was open, so that a late write of an answer does not restore the
   * conversation.
   */
  #removed = new Set();

  /**
   * When this tab has last written each conversation, because that write may have been running while another tab
   * removed the conversation.
   */
  #written = new Map();

  /** @param {Database|Memory} shelf open */
  constructor(shelf) {
    this.#shelf = shelf;
    shelf.onLost(() => this.#writes.forgetAll());
    this.#channel?.addEventListener('message', ({ data }) => {
      if (data.tab !== this.#tab) {
        this.#heed(data.change);
        this.#tell(data.change, false);
      }
    });
    this.#preferences.onChangeElsewhere(() => this.#tell({ kind: 'preferences' }, false));
    // The page may be about to close, so all waiting writes are started.
    addEventListener('pagehide', () => this.#writes.writeAll());
    document.addEventListener('visibilitychange', () => document.hidden && this.#writes.writeAll());
  }

  /** Whether the data is still there after the browser is closed. */
  get persistent() {
    return this.#shelf.persistent;
  }

  /** @returns {Promise<Object[]>} summaries, newest first */
  list() {
    this.#writes.writeAll();
    return readable(this.#shelf.list());
  }

  /**
   * @returns {Promise<Conversation|undefined>} a copy. Answers that were being written when their tab went away are
   *   marked as interrupted; those that a tab is writing now are not.
   */
  async get(id) {
    this.#writes.writeNow(id);
    let conversation = await readable(this.#shelf.get(id));
    let streamed = true;
    if (conversation && isStreaming(conversation)) {
      streamed = await this.#streams.isStreamed(id);
      conversation = await readable(this.#shelf.get(id)); // it may have been changed meanwhile
    }
    if (conversation) {
      this.#read(conversation);
      if (!streamed) {
        interruptStreaming(conversation); // the next change writes this too
      }
    }
    return conversation;
  }

  /**
   * Brings a conversation up to date with what other tabs have written of it.
   *
   * @param {Conversation} conversation is changed
   * @param {function(string): boolean} isOurs whether this tab is writing a message of this id
   */
  async update(conversation, isOurs) {
    const { messages } = conversation;
    const before = { ...conversation };
    const messagesBefore = new Map(Object.values(messages).map((message) => [message.id, { ...message }]));
    const kept = await this.get(conversation.id);
    if (kept) {
      // Messages that were changed here during the read are newer and are being written. So are those that could not be
      // written.
      const isNewer = (id) =>
        Object.hasOwn(messages, id) &&
        (!same(messagesBefore.get(id), messages[id]) || this.#writes.isRefused(messages[id]));
      const newer = Object.entries(conversation).filter(([name, value]) => value !== before[name]);
      merge(conversation, { ...kept, ...Object.fromEntries(newer) }, (id) => isOurs(id) || isNewer(id));
    }
  }

  /**
   * Keeps a conversation. While one version of it is being written, later ones wait, and only the newest of them is
   * written; in a page that nobody sees, which may be going, none waits.
   *
   * @returns {Promise<boolean>} settles once it is kept; false if it was removed meanwhile and stays so
   * @throws {StoreError} if there is no room, say
   */
  put(conversation) {
    return this.#removed.has(conversation.id)
      ? Promise.resolve(false)
      : this.#writes.put(conversation, document.hidden);
  }

  /** Keeps a conversation even if it had been removed: takes the removal back. */
  restore(conversation) {
    this.#removed.delete(conversation.id);
    this.#writes.forget(conversation);
    return this.put(conversation);
  }

  /**
   * Renames a conversation. Tabs that have it open are told by {@link onChange}, and have to use the new title from
   * then on.
   */
  async rename(id, title) {
    this.#writes.writeNow(id);
    await readable(this.#shelf.change(id, (record) => Object.assign(record, { title })));
    this.#changed({ kind: 'renamed', id, title });
  }

  remove(id) {
    return this.#remove([id], () => this.#shelf.remove(id));
  }

  async removeAll() {
    const ids = (await this.list()).map(({ id }) => id);
    await this.#remove(ids, () => this.#shelf.clear());
  }

  /** Removes all of this user's data from the browser: conversations and preferences. */
  async eraseAll() {
    await this.removeAll();
    this.#preferences.clear();
    this.#tell({ kind: 'preferences' }, true);
  }

  /** All conversations, one after the other, in no particular order. */
  async *all() {
    this.#writes.writeAll();
    let last = null;
    for (;;) {
      const batch = await readable(this.#shelf.batch(last, BATCH));
      yield* batch.map((conversation) => this.#read(conversation));
      if (batch.length < BATCH) {
        return;
      }
      last = batch.at(-1).id;
    }
  }

  /**
   * The conversations that contain all words of a query, in any order. Case and accents are ignored.
   *
   * @returns {Promise<Object[]>} summaries, newest first, each with a `snippet`
   * @throws {DOMException} an AbortError if a later search has begun
   */
  async search(query) {
    this.#search?.abort();
    const search = new AbortController();
    this.#search = search;
    const words = wordsOf(query);
    const results = [];
    for await (const conversation of words.length > 0 ? this.all() : []) {
      search.signal.throwIfAborted();
      const snippet = found(conversation, words);
      if (snippet !== null) {
        results.push({ ...summaryOf(conversation), snippet });
      }
    }
    search.signal.throwIfAborted();
    return results.sort((one, other) => other.updated - one.updated);
  }

  /** Says that this tab writes an answer in a conversation. @returns {function(): void} to be called when it ends */
  holdStream(id) {
    return this.#streams.hold(id);
  }

  /** Asks the tab that writes an answer in a conversation to stop. */
  stopElsewhere(id) {
    this.#channel?.postMessage({ tab: this.#tab, change: { kind: 'stop', id } });
  }

  /** The preferences that were set, without waiting. @returns {Object<string, any>} */
  preferences() {
    return this.#preferences.all();
  }

  setPreference(name, value) {
    this.#preferences.set(name, value);
    this.#tell({ kind: 'preferences' }, true);
  }

  /** @param {function(Change): void} listener @returns {function(): void} takes the listener away again */
  onChange(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #write(conversation, changed) {
    const summary = summaryOf(conversation);
    await readable(this.#shelf.put(conversation, summary, changed));
    this.#written.set(conversation.id, Date.now());
    return summary;
  }

  #tellWritten(summary) {
    if (this.#removed.has(summary.id)) {
      return false;
    }
    this.#changed({ kind: 'put', summary });
    return true;
  }

  #read(conversation) {
    this.#writes.read(conversation);
    chooseWhereNoneIs(conversation);
    return conversation;
  }

  async #remove(ids, work) {
    const at = Date.now();
    ids.forEach((id) => this.#drop(id));
    try {
      await readable(work());
    } catch (error) {
      ids.forEach((id) => this.#removed.delete(id)); // they still exist, so writes of them are allowed again
      throw error;
    }
    this.#changed({ kind: 'removed', ids, at });
  }

  #drop(id) {
    this.#removed.add(id);
    this.#writes.drop(id);
  }

  #changed(change) {
    this.#channel?.postMessage({ tab: this.#tab, change });
    this.#tell(change, true);
  }

  /** Applies the change of another tab to this tab's waiting writes. */
  #heed(change) {
    if (change.kind === 'removed') {
      change.ids.forEach((id) => this.#drop(id));
      // A conversation that this tab has not written since is not removed again: the message may be late, and the
      // removal may have been undone.
      const late = (id) => this.#writes.isUnderWay(id) || this.#written.get(id) >= change.at;
      change.ids.filter(late).forEach((id) => this.#shelf.remove(id).catch(() => {}));
    } else if (change.kind === 'put') {
      this.#removed.delete(change.summary.id); // the removal was undone there
    }
  }

  #tell(change, here) {
    this.#listeners.forEach((listener) => listener({ ...change, here }));
  }
}

function channel() {
  return typeof BroadcastChannel === 'function' ? new BroadcastChannel(CHANNEL) : null;
}

async function readable(promise) {
  try {
    return await promise;
  } catch (error) {
    const full = error?.name === 'QuotaExceededError';
    throw new StoreError(full ? t('store.full') : t('store.failed', { reason: error?.message ?? String(error) }), {
      cause: error,
    });
  }
}
