/**
 * A response's bytes, read as they come, though they are taken more slowly. A browser discards what has come and is not
 * read yet when the connection breaks: the end of a broken answer, and why it broke, would be lost with it.
 */
export class ReadAhead {
  #reader;
  #most;
  #chunks = [];
  #next = 0; // of the chunks, the first that is not taken
  #held = 0; // bytes of those that are not
  #ended = false;
  #error = null; // how it ended, if not well
  #cameOrEnded = () => {};
  #hasRoom = () => {};

  /**
   * @param {ReadableStreamDefaultReader<Uint8Array>} reader nobody else's from now on
   * @param {number} most so many bytes may wait to be taken: no more is read while they do
   */
  constructor(reader, most) {
    this.#reader = reader;
    this.#most = most;
    this.#readOn();
  }

  /**
   * As a reader's: what came before an error is told before it. One call at a time.
   *
   * @returns {Promise<{done: boolean, value: ?Uint8Array}>}
   */
  async read() {
    while (this.#held === 0 && !this.#ended) {
      await new Promise((resolve) => (this.#cameOrEnded = resolve));
    }
    if (this.#held > 0) {
      return { done: false, value: this.#take() };
    }
    if (this.#error !== null) {
      throw this.#error;
    }
    return { done: true, value: null };
  }

  /** Nothing that came, or would come, counts any more. */
  cancel() {
    this.#forget();
    return this.#reader.cancel();
  }

  #take() {
    const value = this.#chunks[this.#next++];
    this.#held -= value.length;
    if (this.#held === 0) {
      this.#forget();
    }
    if (this.#held < this.#most) {
      this.#hasRoom();
    }
    return value;
  }

  #forget() {
    this.#chunks = [];
    this.#next = 0;
    this.#held = 0;
    this.#hasRoom();
  }

  async #readOn() {
    try {
      for (let read = await this.#reader.read(); !read.done; read = await this.#reader.read()) {
        if (read.value.length > 0) {
          this.#chunks.push(read.value);
          this.#held += read.value.length;
          this.#cameOrEnded();
        }
        while (this.#held >= this.#most) {
          await new Promise((resolve) => (this.#hasRoom = resolve));
        }
      }
    } catch (error) {
      this.#error = error;
    }
    this.#ended = true;
    this.#cameOrEnded();
  }
}
