const NAME = 'sluice';

/** How long to wait for the browser's database, in milliseconds. Some have been seen never to answer. */
const PATIENCE = 5000;

/** What makes each version of the database out of the one before; the database's version is how many there are. */
const UPGRADES = [
  (database) => {
    database.createObjectStore('conversations', { keyPath: 'id' });
    database.createObjectStore('summaries', { keyPath: 'id' }).createIndex('updated', 'updated');
  },
];

/** Conversations in the browser's own database, each beside a summary, so that a list need not load them. */
export class Database {
  persistent = true;
  #name;
  #opening = null;
  #open = null;

  constructor(name = NAME) {
    this.#name = name;
  }

  /** Opens it, or joins who does; again after the browser closed it. @throws {DOMException} if there is none */
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
    const transaction = await this.#transaction(['conversations'], 'readonly');
    return result(transaction.objectStore('conversations').get(id));
  }

  /**
   * Has asked the browser to write by the time it returns, if the database is open: the page may be going. Without
   * `commit`, the browser would wait for the page to have seen that it was written, and a page that is gone never does.
   */
  put(conversation, summary) {
    return this.#write((conversations, summaries) => {
      conversations.put(conversation);
      summaries.put(summary);
      summaries.transaction.commit();
    });
  }

  /** Changes a conversation and its summary, both if they are there, while nobody else can. */
  change(id, change) {
    return this.#write((...stores) => {
      stores.forEach((store) => {
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
    return this.#write((...stores) => stores.forEach((store) => store.delete(id)));
  }

  async clear() {
    await this.#write((...stores) => stores.forEach((store) => store.clear()));
  }

  /** The next few conversations in the order of their ids. Each call is a transaction of its own: writes go between. */
  async batch(after, count) {
    const transaction = await this.#transaction(['conversations'], 'readonly');
    const range = after === null ? null : IDBKeyRange.lowerBound(after, true);
    return result(transaction.objectStore('conversations').getAll(range, count));
  }

  async #write(work) {
    const stores = ['conversations', 'summaries'];
    const transaction = this.#open?.transaction(stores, 'readwrite') ?? (await this.#transaction(stores, 'readwrite'));
    const done = completion(transaction);
    try {
      work(...stores.map((name) => transaction.objectStore(name)));
    } catch (error) {
      done.catch(() => {}); // what is thrown says more
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
    };
    database.onclose = forget; // the user cleared the site's data, for one
    database.onversionchange = () => {
      database.close(); // a newer page in another tab wants to upgrade it
      forget();
    };
    return database;
  }
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
