const LF = 10;
const CR = 13;

/**
 * Parses Server-Sent Events from bytes in any pieces (WHATWG HTML, section 9.2.6). Each character is scanned once. The field
 * `retry` is ignored, because the stream of an answer is never requested again.
 */
export class SseParser {
  #decoder = new TextDecoder(); // drops a leading byte order mark; malformed UTF-8 becomes U+FFFD
  #line = ''; // the beginning of an incomplete line
  #afterCr = false; // an LF that comes now belongs to the CR before it, and ends no line of its own
  #type = '';
  #data = []; // the data lines of the event under way
  #dataLength = 0; // of all of them
  #lastEventId = '';
  #onComment;

  /** @param {(text: string) => void} [onComment] told of each comment: heartbeats are such */
  constructor(onComment = () => {}) {
    this.#onComment = onComment;
  }

  /** The number of characters of the incomplete event. */
  get held() {
    return this.#line.length + this.#dataLength;
  }

  /**
   * @param {Uint8Array} bytes the next ones of the stream
   * @returns {{type: string, data: string, lastEventId: string}[]} the events that these bytes made whole
   */
  feed(bytes) {
    const text = this.#decoder.decode(bytes, { stream: true });
    const events = [];
    let start = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit === LF && this.#afterCr) {
        start = at + 1;
      } else if (unit === LF || unit === CR) {
        this.#endLine(this.#line + text.slice(start, at), events);
        this.#line = '';
        start = at + 1;
      }
      this.#afterCr = unit === CR;
    }
    this.#line += text.slice(start);
    return events;
  }

  // At the end of the stream an incomplete event is discarded, as the standard says.

  #endLine(line, events) {
    if (line === '') {
      this.#endEvent(events);
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) {
      this.#onComment(line.slice(1));
      return;
    }
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') {
      this.#data.push(value);
      this.#dataLength += value.length + 1;
    } else if (name === 'event') {
      this.#type = value;
    } else if (name === 'id' && !value.includes('\0')) {
      this.#lastEventId = value;
    }
  }

  #endEvent(events) {
    if (this.#data.length > 0) {
      events.push({
        type: this.#type || 'message',
        data: this.#data.join('\n'),
        lastEventId: this.#lastEventId,
      });
    }
    this.#type = '';
    this.#data = [];
    this.#dataLength = 0;
  }
}
