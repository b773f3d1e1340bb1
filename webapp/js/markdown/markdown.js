import { renderNoMore, renderSoon, settled } from './frames.js';
import { parseBlocks } from './markdown-parser.js';
import { sameReference, showAll, showFirst } from './shown.js';
import { decided, settle } from './unfinished.js';

/** If rendering takes longer than this many milliseconds, it is not done in every frame. */
const SLOW_MILLIS = 12;

/** The time that late links may take from one frame. */
const OUTDATED_MILLIS = 4;

const AFTER_BLANK_LINE = /\n[ \t>]*\n[ \t>]*$/;

/** The heading before the answer, for those who go from heading to heading. */
const HEADING_LEVEL = 2;

/**
 * Renders Markdown that grows at its end, as DOM nodes that are made from tokens, never from HTML.
 *
 * The text is divided after each outermost block that later lines cannot change, because a complete line has begun another
 * block. The blocks before are finished and not changed again, but for links whose definition follows later. The rest, the
 * tail, is parsed again with each frame, and only those of its nodes that differ are changed.
 */
export class MarkdownView {
  #element;
  #text = '';
  /** A carriage return at the end, which may or may not be half of a line break. */
  #carriageReturn = false;
  /** Where the tail begins, and what it shows. */
  #tail = 0;
  #shown = [];
  #headingLevel = HEADING_LEVEL;
  /** Up to where lines were looked at for finished blocks. */
  #examined = 0;
  /** The link definitions in what is finished. */
  #references = Object.create(null);
  /** Finished blocks that looked for a definition, by its label: those that a later one may change. */
  #awaited = new Map();
  #outdated = new Set();
  #finished = false;
  /** How much of the text is shown, and whether all of that is, so that nothing awaits what follows. */
  #ended = 0;
  #steady = false;
  #notBefore = 0;
  #render = (urgent) => this.#renderFrame(urgent);

  /** @param {Element} element an empty one, which belongs to this view from now on */
  constructor(element) {
    this.#element = element;
    element.classList.add('markdown');
  }

  /** All text so far, with line feeds for line breaks. */
  get text() {
    return this.#text;
  }

  /** @param {string} text what follows; shown with the next frame */
  append(text) {
    this.#finished = false;
    this.#text += this.#normalized(text);
    renderSoon(this.#render);
  }

  /** @param {string} text all of it, anew */
  replace(text) {
    this.#carriageReturn = false;
    const normalized = this.#normalized(text);
    if (normalized.startsWith(this.#text)) {
      this.#text = normalized;
    } else {
      this.#begin(normalized);
    }
    this.#finished = false;
    renderSoon(this.#render);
  }

  /** Shows all of the text now, as what it is when nothing follows. Something may follow nevertheless. */
  finish() {
    if (this.#carriageReturn) {
      this.#carriageReturn = false;
      this.#text += '\n';
    }
    this.#finished = true;
    renderNoMore(this.#render);
    this.#renderNow();
  }

  /** Resolves when all that has been shown is coloured and set as well. */
  settled() {
    return settled();
  }

  #normalized(text) {
    let whole = this.#carriageReturn ? `\r${text}` : text;
    this.#carriageReturn = whole.endsWith('\r');
    if (this.#carriageReturn) {
      whole = whole.slice(0, -1);
    }
    return whole.replace(/\r\n?/g, '\n').replaceAll('\0', '\ufffd');
  }

  #begin(text) {
    this.#element.replaceChildren();
    this.#text = text;
    this.#tail = 0;
    this.#shown = [];
    this.#headingLevel = HEADING_LEVEL;
    this.#examined = 0;
    this.#ended = 0;
    this.#steady = false;
    this.#references = Object.create(null);
    this.#awaited.clear();
    this.#outdated.clear();
  }

  #renderFrame(urgent) {
    const begin = performance.now();
    if (!urgent && begin < this.#notBefore) {
      renderSoon(this.#render);
      return;
    }
    this.#renderNow();
    const millis = performance.now() - begin;
    this.#notBefore = millis > SLOW_MILLIS ? begin + 4 * millis : 0;
  }

  #renderNow() {
    const ended = this.#ended;
    this.#ended = this.#text.length;
    if (!this.#finished && this.#steady && this.#outdated.size === 0 && this.#grow(ended)) {
      return;
    }
    const lines = this.#text.lastIndexOf('\n') + 1;
    if (lines > this.#examined) {
      this.#examined = lines;
      this.#finishBlocks(this.#text.slice(this.#tail, lines));
    }
    const tail = this.#text.slice(this.#tail);
    const shownTail = this.#finished ? tail : decided(tail);
    this.#steady = !this.#finished && shownTail === tail;
    const { pieces, references } = parseBlocks(shownTail, this.#references, this.#headingLevel);
    if (!this.#finished) {
      settle(pieces, AFTER_BLANK_LINE.test(tail));
    }
    showAll(this.#element, this.#shown, pieces, references);
    this.#showOutdated(references);
  }

  /** Shows what is new without parsing, where that is a few plain words. */
  #grow(ended) {
    const words = this.#text.slice(ended);
    const ending = this.#text.slice(Math.max(this.#tail, ended - 8), ended);
    return words !== '' && ending !== '' && (this.#shown.at(-1)?.grow(words, ending) ?? false);
  }

  /** Cuts off the blocks that are followed by another, in a tail of whole lines. */
  #finishBlocks(tail) {
    const { pieces, references, definitions } = parseBlocks(tail, this.#references, this.#headingLevel);
    pieces.pop();
    if (pieces.length === 0) {
      return;
    }
    showFirst(this.#element, this.#shown, pieces, references);
    const begins = lineBegins(tail, pieces.at(-1).lines[1]);
    for (const { label, line, reference } of definitions) {
      if (line < begins.length - 1 && !(label in this.#references)) {
        this.#references[label] = reference;
        this.#awaited.get(label)?.forEach((block) => this.#outdated.add(block));
        this.#awaited.delete(label);
      }
    }
    for (const shown of this.#shown.splice(0, pieces.length)) {
      const [first, next] = shown.piece.lines;
      this.#await({ shown, headingLevel: this.#headingLevel, source: tail.slice(begins[first], begins[next]) });
      this.#headingLevel = shown.piece.headingLevel;
    }
    this.#tail += begins.at(-1);
  }

  #await(block) {
    block.shown.eachLookup((label) => {
      if (!(label in this.#references)) {
        const blocks = this.#awaited.get(label) ?? new Set();
        this.#awaited.set(label, blocks.add(block));
      }
    });
  }

  /** Gives finished blocks the links whose definitions came after them. */
  #showOutdated(references) {
    if (this.#finished) {
      this.#awaited.forEach((blocks, label) => {
        for (const block of blocks) {
          block.shown.eachLookup((looked, found) => {
            if (looked === label && !sameReference(found, references[label])) {
              this.#outdated.add(block);
            }
          });
        }
      });
    }
    const until = performance.now() + OUTDATED_MILLIS;
    for (const block of this.#outdated) {
      const { pieces } = parseBlocks(block.source, references, block.headingLevel);
      block.shown.becomes(pieces[0], references);
      this.#outdated.delete(block);
      if (!this.#finished && performance.now() > until) {
        renderSoon(this.#render);
        return;
      }
    }
  }
}

/** Where the lines of a text begin, up to and including one. */
function lineBegins(text, line) {
  const begins = [0];
  while (begins.length <= line) {
    const end = text.indexOf('\n', begins.at(-1));
    begins.push(end < 0 ? text.length : end + 1);
  }
  return begins;
}
