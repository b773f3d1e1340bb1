import { el } from '../base/dom.js';
import { t } from '../base/i18n.js';
import { CodeBlock } from './code.js';
import { Formula } from './formula.js';
import { parseProse } from './markdown-parser.js';

/** What can follow without changing what is there: in prose, in a line of code, in code that only a fence ends. */
const GROWING = { text: /^[\p{L}\p{N}\p{M} ,.?"']+$/u, code: /^[^\n`~]+$/, lines: /^[^`~]+$/ };

/** A piece of an answer with its DOM node, which is reused as long as possible. */
export class Shown {
  piece;
  node;
  children = [];
  /** What prose found in the references when it was parsed, by label; null if it did not look. */
  lookups = null;
  #code = null;

  constructor(piece, references) {
    this.piece = piece;
    switch (piece.kind) {
      case 'text':
        this.node = document.createTextNode(piece.text);
        break;
      case 'code':
        this.#code = new CodeBlock(piece.tag);
        this.node = this.#code.node;
        this.#code.update(piece.text, piece.closed);
        break;
      case 'math':
        this.node = new Formula(piece.text, piece.source, piece.tag, piece.className === 'display').node;
        break;
      default:
        this.node = el(piece.tag, { ...piece.attributes, class: piece.className || null });
        this.#fill(references);
    }
  }

  /** Shows another piece instead, if it is of the same kind. @returns {boolean} */
  becomes(piece, references) {
    const before = this.piece;
    if (before.kind !== piece.kind || before.tag !== piece.tag || !same(before.attributes, piece.attributes)) {
      return false;
    }
    if (piece.kind === 'math') {
      return before.source === piece.source && before.className === piece.className;
    }
    this.piece = piece;
    if (piece.kind === 'text') {
      this.#becomeText(before.text, piece.text);
    } else if (piece.kind === 'code') {
      this.#code.update(piece.text, piece.closed);
    } else {
      if (before.className !== piece.className) {
        this.#becomeClass(piece.className);
      }
      if (piece.kind !== 'prose' || !this.#isCurrent(before, references)) {
        this.#fill(references);
      }
    }
    return true;
  }

  /**
   * Lets the last text grow by words that cannot mean anything but themselves, if it is what the source ends with. That
   * spares parsing; the next parse finds what it expects, or puts it right.
   *
   * @param {string} words
   * @param {string} ending the last characters of the source before them
   * @param {boolean} outermost whether this is in nothing else, so that no line can end it but its own last
   * @returns {boolean} whether it could
   */
  grow(words, ending, outermost = true) {
    const { piece } = this;
    if (piece.kind === 'text' || piece.kind === 'code') {
      const known = piece.text.slice(-ending.length);
      const kind = outermost && piece.fenced ? 'lines' : piece.kind;
      const begun = kind === 'lines' || !known.endsWith('\n');
      if (known === '' || !begun || !ending.endsWith(known) || !GROWING[kind].test(words)) {
        return false;
      }
      piece.text += words;
      if (piece.kind === 'text') {
        this.node.appendData(words);
      } else {
        this.#code.update(piece.text, false);
      }
      return true;
    }
    // The target of an autolink changes when its text grows.
    if (piece.tag === 'a' || piece.tag === 'span' || !this.children.at(-1)?.grow(words, ending, false)) {
      return false;
    }
    if (piece.kind === 'prose') {
      piece.text = '\0'; // differs from every text
    }
    return true;
  }

  /** Calls back with the label of each reference that was looked up here or below. */
  eachLookup(callback) {
    this.lookups?.forEach((found, label) => callback(label, found));
    this.children.forEach((child) => child.eachLookup(callback));
  }

  #fill(references) {
    const { piece } = this;
    let pieces = piece.children ?? [];
    if (piece.kind === 'prose') {
      const parsed = parseProse(piece, references);
      this.lookups = parsed.lookups;
      pieces = parsed.pieces;
      this.#showTask();
    }
    showAll(this.node, this.children, pieces, references);
  }

  #showTask() {
    const { task } = this.piece;
    const box = this.node.firstChild?.className?.startsWith?.('box ') ? this.node.firstChild : null;
    if (task === '') {
      box?.remove();
      return;
    }
    const wanted = `box ${task}`;
    if (box?.className !== wanted) {
      box?.remove();
      this.node.prepend(el('span', { class: wanted, role: 'img', 'aria-label': t(`answer.task-${task}`) }));
    }
  }

  #becomeClass(name) {
    if (name === '') {
      this.node.removeAttribute('class');
    } else {
      this.node.className = name;
    }
  }

  #becomeText(before, text) {
    if (text.length > before.length && text.startsWith(before)) {
      this.node.appendData(text.slice(before.length));
    } else if (text !== before) {
      this.node.data = text;
    }
  }

  #isCurrent(before, references) {
    if (before.text !== this.piece.text || before.task !== this.piece.task) {
      return false;
    }
    for (const [label, found] of this.lookups ?? []) {
      if (!sameReference(found, references[label])) {
        return false;
      }
    }
    return true;
  }
}

/**
 * Makes the last children of a node show these pieces; changes only those that differ.
 *
 * @param {Element} parent
 * @param {Shown[]} shown what its last children show; is brought up to date
 * @param {Piece[]} pieces
 * @param {Object} references
 */
export function showAll(parent, shown, pieces, references) {
  showFirst(parent, shown, pieces, references);
  shown.splice(pieces.length).forEach((surplus) => surplus.node.remove());
}

/** The same, but leaves what is shown after these pieces as it is. */
export function showFirst(parent, shown, pieces, references) {
  pieces.forEach((piece, index) => {
    const now = shown[index];
    if (now?.becomes(piece, references)) {
      return;
    }
    const next = new Shown(piece, references);
    if (now) {
      now.node.replaceWith(next.node);
    } else {
      parent.append(next.node);
    }
    shown[index] = next;
  });
}

/** Whether two link definitions, or the want of one, come to the same. */
export function sameReference(one, other) {
  return one === other || (one?.href === other?.href && one?.title === other?.title);
}

function same(one, other) {
  if (one === other) {
    return true;
  }
  const names = Object.keys(one ?? {});
  return names.length === Object.keys(other ?? {}).length && names.every((name) => one[name] === other?.[name]);
}
