import { bidiName, cutCode, cutProse } from './bidi.js';

/**
 * The description of one node of an answer. Each parse makes new ones, which are compared with the nodes shown. Kinds:
 * - `text`: `text`
 * - `element`: `tag`, `className`, `attributes`, `children`
 * - `prose`: an element whose children are parsed from the Markdown in `text`
 * - `code`: a block of code, `text` in the language `tag`, complete if `closed`
 * - `math`: the TeX in `text` as it was written in `source`; in a line of its own if `tag` is `div`
 */
export class Piece {
  constructor(kind, tag, className = '', attributes = null) {
    this.kind = kind;
    this.tag = tag;
    this.className = className;
    this.attributes = attributes;
    this.children = null;
    this.text = '';
    this.source = '';
    this.task = '';
    this.closed = true;
    this.fenced = false;
    this.headingLevel = 0;
    /** The lines that it was parsed from, if it is a block: the first, and the one after the last. */
    this.lines = null;
  }
}

/** An element with children. */
export function element(tag, className, attributes, children = []) {
  const piece = new Piece('element', tag, className, attributes);
  piece.children = children;
  return piece;
}

/** Adds prose to its siblings, as one text with the one before where it can be. */
export function addText(siblings, text) {
  addCut(siblings, cutProse(text));
}

/** Adds code to its siblings: every character that turns text around is seen there. */
export function addCode(siblings, text) {
  addCut(siblings, cutCode(text));
}

/** The text of these pieces and all below them. */
export function wordsOf(pieces) {
  return pieces.map((piece) => (piece.kind === 'text' ? piece.text : wordsOf(piece.children ?? []))).join('');
}

function addCut(siblings, cuts) {
  cuts.forEach((text, index) => {
    if (index % 2 === 1) {
      const name = bidiName(text);
      const mark = element('span', 'bidi', { title: name });
      addPlain(mark.children, name);
      siblings.push(mark);
    } else if (text !== '') {
      addPlain(siblings, text);
    }
  });
}

function addPlain(siblings, text) {
  const last = siblings.at(-1);
  if (last?.kind === 'text') {
    last.text += text;
    return;
  }
  const piece = new Piece('text', '');
  piece.text = text;
  siblings.push(piece);
}
