/** How near to the end of the page, in pixels, a reader counts as being at it. */
const NEAR = 48;

/**
 * Text that grows at its end. What arrives within one frame is put down at once, so that a flood of tokens costs no
 * more than the screen can show; and always as text, never as markup. A reader at the end of the page stays there;
 * one who has scrolled up is left alone.
 */
export class Paper {
  #element;
  #waiting = '';
  #frame = 0;

  /** @param {HTMLElement} element kept for this text alone */
  constructor(element) {
    this.#element = element;
  }

  /** @param {string} text */
  append(text) {
    this.#waiting += text;
    this.#frame ||= requestAnimationFrame(() => this.flush());
  }

  /** Puts down what is waiting, also where no frame is drawn: in a tab in the background. */
  flush() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#waiting === '') {
      return;
    }
    const page = document.scrollingElement;
    const atEnd = page.scrollHeight - page.scrollTop - page.clientHeight < NEAR;
    this.#write(this.#waiting);
    this.#waiting = '';
    if (atEnd) {
      page.scrollTop = page.scrollHeight;
    }
  }

  clear() {
    this.#waiting = '';
    this.#element.replaceChildren();
  }

  /** Each line is a block of its own: the browser lays out anew the last one only, however long the text. */
  #write(text) {
    for (const piece of text.split(/(?<=\n)/)) {
      const last = this.#element.lastChild?.firstChild;
      if (last && !last.data.endsWith('\n')) {
        last.appendData(piece);
      } else {
        const line = document.createElement('div');
        line.append(piece);
        this.#element.append(line);
      }
    }
  }
}
