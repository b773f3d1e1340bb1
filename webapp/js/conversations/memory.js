/** Replaces `Database` if the browser denies storage: conversations last as long as the page. */
export class Memory {
  persistent = false;
  #conversations = new Map();
  #summaries = new Map();

  async open() {
    return this;
  }

  onLost() {
    // it is lost with the page
  }

  async list() {
    const summaries = Array.from(this.#summaries.values(), (summary) => ({ ...summary }));
    return summaries.sort((one, other) => other.updated - one.updated);
  }

  async get(id) {
    return structuredClone(this.#conversations.get(id));
  }

  async put(conversation, summary) {
    this.#conversations.set(conversation.id, structuredClone(conversation));
    this.#summaries.set(summary.id, structuredClone(summary));
  }

  async change(id, change) {
    [this.#conversations, this.#summaries].forEach((all) => {
      if (all.has(id)) {
        change(all.get(id));
      }
    });
  }

  async remove(id) {
    this.#conversations.delete(id);
    this.#summaries.delete(id);
  }

  async clear() {
    this.#conversations.clear();
    this.#summaries.clear();
  }

  async batch(after, count) {
    const ids = [...this.#conversations.keys()].sort();
    const from = after === null ? 0 : ids.findIndex((id) => id > after);
    return from < 0 ? [] : ids.slice(from, from + count).map((id) => structuredClone(this.#conversations.get(id)));
  }
}
