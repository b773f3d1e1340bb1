const NAME = 'sluice';

/** The longest wait for the browser's database, in milliseconds. Some browsers never answer. */
const PATIENCE = 5000;

/** The upgrades from each version of the database to the next; their number is the current version. */
const UPGRADES = [
  (database) => {
    database.createObjectStore('conversations', { keyPath: 'id' });
    database.createObjectStore('summaries', { keyPath: 'id' }).createIndex('updated', 'updated');
  },
  // Each message is an entry of its own, so that tabs do not overwrite each other's messages.
  (database, transaction) => {
    const messages = database.createObjectStore('messages');
    transaction.objectStore('conversations').openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (cursor) {
        const { messages: all = {}, ...rest } = cursor.value;
        Object.values(all).forEach((message) => messages.put(message, [rest.id, message.id]));
        cursor.update(rest);
        cursor.continue();
      }
    };
  },
];

const STORES = ['conversations', 'summaries', 'messages'];

/** Conversations in IndexedDB, each with a summary, so that the list does not load the conversations. */
export class Database {
  persistent = true;
  #name;
  #opening = null;
  #open = null;
  #lost = () => {};

  constructor(name = NAME) {
    this.#name = name;
  }

  /** @param {function(): void} lost is told that the browser closed it: what was kept may be gone */
  onLost(lost) {
    this.#lost = lost;
  }

  /** Opens it, or waits for an open in progress; opens it again after the browser has closed it. @throws {DOMException} if there is none */
  async open() {
    this.#opening ??= this.#request().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  /** All summaries, newest first. */
  async list() {
    const transaction = await this.#transaction(['summaries'], 'readonly');
    return (await result(transaction.objectStore('summaries').index('updated').getAll())).reverse();
  }

  async get(id) {
    const transaction = await this.#transaction(['conversations', 'messages'], 'readonly');
    const conversation = result(transaction.objectStore('conversations').get(id));
    const messages = result(transaction.objectStore('messages').getAll(below(id)));
    return whole(await conversation, await messages);
  }

  /**
   * If the database is open, the write has been requested when this returns, because the page may be closed then. Without
   * `commit` the browser would wait for event handlers of the page, which a closed page does not run.
   *
   * @param {Conversation} conversation
   * @param {Object} summary
   * @param {Message[]} changed those of its messages that are written; others stay as they are kept
   */
  put({ messages: _, ...conversation }, summary, changed) {
    return this.#write((conversations, summaries, messages) => {
      conversations.put(conversation);
      summaries.put(summary);
      changed.forEach((message) => messages.put(message, [conversation.id, message.id]));
      summaries.transaction.commit();
    });
  }

  /** Changes a conversation and its summary, both if they are there, while nobody else can. */
  change(id, change) {
    return this.#write((...stores) => {
      stores.slice(0, 2).forEach((store) => {
        store.get(id).onsuccess = ({ target }) => {
          if (target.result) {
            change(target.result);
            store.put(target.result);
          }
        };
      });
    });
  }

  remove(id) {
    return this.#write((conversations, summaries, messages) => {
      conversations.delete(id);
      summaries.delete(id);
      messages.delete(below(id));
    });
  }

  async clear() {
    await this.#write((...stores) => stores.forEach((store) => store.clear()));
  }

  /** The next few conversations in the order of their ids. Each call is a transaction of its own: writes go between. */
  async batch(after, count) {
    const transaction = await this.#transaction(['conversations', 'messages'], 'readonly');
    const range = after === null ? null : IDBKeyRange.lowerBound(after, true);
    const conversations = await result(transaction.objectStore('conversations').getAll(range, count));
    const messages = transaction.objectStore('messages');
    const each = conversations.map(async (one) => whole(one, await result(messages.getAll(below(one.id)))));
    return Promise.all(each);
  }

  async #write(work) {
    const transaction = this.#open?.transaction(STORES, 'readwrite') ?? (await this.#transaction(STORES, 'readwrite'));
    const done = completion(transaction);
    try {
      work(...STORES.map((name) => transaction.objectStore(name)));
    } catch (error) {
      done.catch(() => {}); // the exception of the caller has more details
      transaction.abort();
      throw error;
    }
    return done;
  }

  async #transaction(stores, mode) {
    const database = this.#open ?? (await this.open());
    return database.transaction(stores, mode);
  }

  #request() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(this.#name, UPGRADES.length);
      const late = setTimeout(() => reject(new DOMException('No answer from the database', 'TimeoutError')), PATIENCE);
      request.onupgradeneeded = ({ oldVersion }) => {
        clearTimeout(late); // there may be much to do
        UPGRADES.slice(oldVersion).forEach((upgrade) => upgrade(request.result, request.transaction));
      };
      request.onerror = () => {
        clearTimeout(late);
        reject(request.error);
      };
      request.onsuccess = () => {
        clearTimeout(late);
        resolve(this.#keep(request.result));
      };
    });
  }

  #keep(database) {
    this.#open = database;
    const forget = () => {
      this.#open = null;
      this.#opening = null;
      this.#lost();
    };
    database.onclose = forget; // the user cleared the site's data, for one
    database.onversionchange = () => {
      database.close(); // a newer page in another tab wants to upgrade it
      forget();
    };
    return database;
  }
}

/** All messages of a conversation, by their keys. */
function below(id) {
  return IDBKeyRange.bound([id], [id, []]);
}

function whole(conversation, messages) {
  if (conversation) {
    const inOrder = messages.sort((one, other) => one.created - other.created);
    conversation.messages = Object.fromEntries(inOrder.map((message) => [message.id, message]));
  }
  return conversation;
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function completion(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException('Not written', 'AbortError'));
  });
}
