/** More code than this is not highlighted at once, because it would block the page. */
const LONGEST = 8 * 1024;

const OPENS_EMBEDDED = /^\s*<(script|style)\b[^<>]*>\s*$/i;
const CLOSES_EMBEDDED = { javascript: /<\/script/i, css: /<\/style/i };

/**
 * Divides growing code into segments of whole lines, each of which is highlighted once. A segment ends where the grammar is
 * outside of strings, comments and the like. That is tried after 1, 2, 3, 5, 8, 12 … lines, so that all tries together cost
 * little more than the last. The division depends on the lines only, not on the pieces in which they arrive.
 */
export class Segments {
  #grammar;
  #highlight;
  #begin = 0;
  #lines = 1;
  #embedded = null;

  /**
   * @param {?string} grammar
   * @param {function(string, string): {tree: Array, ended: boolean}} highlight colours code by a grammar
   */
  constructor(grammar, highlight) {
    this.#grammar = grammar;
    this.#highlight = highlight;
  }

  /** Where the first segment will begin that has not been handed out. */
  get begin() {
    return this.#begin;
  }

  /**
   * Tries once.
   *
   * @returns {?{end: number, tree: Array, final: boolean}} null if that takes more lines than there are. Otherwise what
   *   lies between `begin`, as it was, and `end`; as long as it is not final it will be part of a longer segment
   */
  next(code) {
    const begin = this.#begin;
    const end = linesEnd(code, begin, this.#lines);
    if (end < 0) {
      return null;
    }
    if (this.#grammar === null) {
      return this.#cut(end, ['', code.slice(begin, end)]);
    }
    return this.#embedded === null ? this.#nextOwn(code, end) : this.#nextEmbedded(code, end);
  }

  /** What has not been cut from code that is complete. */
  rest(code) {
    const text = code.slice(this.#begin);
    const plain = this.#grammar === null || text.length > LONGEST;
    return plain ? ['', text] : this.#highlight(text, this.#embedded ?? this.#grammar).tree;
  }

  #nextOwn(code, end) {
    const text = code.slice(this.#begin, end);
    const opened = this.#grammar === 'xml' && this.#lines === 1 ? OPENS_EMBEDDED.exec(text) : null;
    if (opened !== null) {
      const { tree } = this.#highlight(text, 'xml');
      this.#embedded = opened[1].toLowerCase() === 'style' ? 'css' : 'javascript';
      return this.#cut(end, tree);
    }
    return this.#tried(code, end, this.#grammar);
  }

  #nextEmbedded(code, end) {
    const grammar = this.#embedded;
    const last = CLOSES_EMBEDDED[grammar].exec(code.slice(this.#begin, end));
    if (last === null) {
      return this.#tried(code, end, grammar);
    }
    const closing = code.lastIndexOf('\n', this.#begin + last.index) + 1;
    this.#embedded = null;
    if (closing <= this.#begin) {
      return this.#nextOwn(code, linesEnd(code, this.#begin, (this.#lines = 1)));
    }
    const text = code.slice(this.#begin, closing);
    return this.#cut(closing, text.length > LONGEST ? ['', text] : this.#highlight(text, grammar).tree);
  }

  #tried(code, end, grammar) {
    const begin = this.#begin;
    if (end - begin > LONGEST) {
      const most = code.lastIndexOf('\n', begin + LONGEST - 1) + 1;
      return most > begin
        ? this.#cut(most, this.#highlight(code.slice(begin, most), grammar).tree)
        : this.#cut(linesEnd(code, begin, 1), ['', code.slice(begin, linesEnd(code, begin, 1))]);
    }
    const { tree, ended } = this.#highlight(code.slice(begin, end), grammar);
    if (ended) {
      return this.#cut(end, tree);
    }
    this.#lines = Math.ceil(this.#lines * 1.5);
    return { end, tree, final: false };
  }

  #cut(end, tree) {
    this.#begin = end;
    this.#lines = 1;
    return { end, tree, final: true };
  }
}

/** Where so many whole lines end; -1 if there are fewer. */
function linesEnd(code, from, count) {
  let end = from;
  for (let line = 0; line < count; line++) {
    end = code.indexOf('\n', end) + 1;
    if (end === 0) {
      return -1;
    }
  }
  return end;
}
