/**
 * Reads the bytes of a response at once, and hands them out more slowly. When a connection is aborted, a browser discards the
 * bytes that have not been read, and with them the error event at the end of an incomplete answer.
 */
export class ReadAhead {
  #reader;
  #most;
  #chunks = [];
  #next = 0; // the index of the first chunk that was not handed out
  #held = 0; // the bytes of the chunks that were not handed out
  #ended = false;
  #error = null; // the error at the end, if there was one
  #cameOrEnded = () => {};
  #hasRoom = () => {};

  /**
   * @param {ReadableStreamDefaultReader<Uint8Array>} reader nobody else's from now on
   * @param {number} most reading pauses while this many bytes wait to be handed out
   */
  constructor(reader, most) {
    this.#reader = reader;
    this.#most = most;
    this.#readOn();
  }

  /**
   * Like `read` of a reader. Bytes before an error are handed out before the error. One call at a time.
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

  /** Discards all bytes, and reads no more. */
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
