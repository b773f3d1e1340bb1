import MarkdownIt from '../../vendor/markdown-it-15.0.3/markdown-it.esm.min.js';
import { t } from '../base/i18n.js';
import { footnoteRule } from './footnotes.js';
import { languageName } from './languages.js';
import { imagePiece, linkPiece, shownAddress } from './links.js';
import { mathRules } from './math-rules.js';
import { Piece, addCode, addText, element } from './pieces.js';

/** The deepest nesting. Real answers nest a few levels; deeper nesting would only slow the page down. */
const DEEPEST = 40;

const md = new MarkdownIt({ html: false, linkify: true, maxNesting: DEEPEST });
md.linkify.set({ fuzzyLink: false, fuzzyEmail: false }); // main.rs and setup.py are files
md.linkify.add('ftp:', null).add('//', null);
md.validateLink = () => true; // links.js validates them instead, and keeps their texts
md.normalizeLinkText = shownAddress;
mathRules(md);
footnoteRule(md);

/**
 * Parses the blocks of a text, but not the prose in them.
 *
 * @param {string} source with `\n` for line breaks
 * @param {Object} references link definitions that are known already; nothing is added to them
 * @param {number} headingLevel that of the heading before the text; the next can be one deeper at most
 * @returns {{pieces: Piece[], definitions: {label: string, line: number, reference: Object}[], references: Object}}
 *   `references` are all that hold for this text
 */
export function parseBlocks(source, references, headingLevel) {
  const env = { references: Object.create(references) };
  const tokens = [];
  md.block.parse(source, md, env, tokens);
  const definitions = [];
  for (const token of tokens) {
    if (token.type === 'reference_definition') {
      const { label } = token.meta;
      definitions.push({ label, line: token.map[0], reference: env.references[label] });
    }
  }
  return { pieces: new Blocks(tokens, headingLevel).all(), definitions, references: env.references };
}

/**
 * Parses the prose of a piece.
 *
 * @param {Piece} prose
 * @param {Object} references
 * @returns {{pieces: Piece[], lookups: ?Map}} `lookups` tells by label what was found in the references
 */
export function parseProse(prose, references) {
  let lookups = null;
  const env = {};
  if (prose.text.includes('[')) {
    lookups = new Map();
    env.references = new Proxy(references, {
      get(target, label) {
        lookups.set(label, target[label]);
        return target[label];
      },
    });
  }
  const [inline] = md.parseInline(prose.text, env);
  return { pieces: proseOf(inline.children), lookups };
}

/** Makes pieces of block tokens. */
class Blocks {
  #tokens;
  #next = 0;
  #headingLevel;

  constructor(tokens, headingLevel) {
    this.#tokens = tokens;
    this.#headingLevel = headingLevel;
  }

  all(depth = 0) {
    const pieces = [];
    while (this.#next < this.#tokens.length) {
      const token = this.#tokens[this.#next++];
      if (token.nesting < 0) {
        break;
      }
      const piece = this.#piece(token, depth);
      if (piece !== null) {
        piece.lines = token.map;
        piece.headingLevel = this.#headingLevel;
        pieces.push(piece);
      }
    }
    return pieces;
  }

  #piece(token, depth) {
    // The first letter of an outermost block decides on the direction of the whole block.
    const attributes = depth === 0 ? { dir: 'auto' } : null;
    switch (token.type) {
      case 'reference_definition':
        return null;
      case 'paragraph_open':
        return this.#prose('p', '', attributes);
      case 'heading_open':
        return this.#heading(token, attributes);
      case 'bullet_list_open':
      case 'ordered_list_open':
        return this.#list(token, attributes, depth);
      case 'blockquote_open':
        return element('blockquote', '', attributes, this.all(depth + 1));
      case 'table_open':
        return element('div', 'table', { role: 'group', tabIndex: 0, 'aria-label': t('answer.table') }, [
          element('table', '', attributes, this.all(depth + 1)),
        ]);
      case 'th_open':
      case 'td_open':
        return this.#cell(token);
      case 'fence':
      case 'code_block':
        return code(token);
      case 'math_block':
        return math(token, 'div');
      case 'hr':
        return element('hr', '', null);
      default:
        return element(token.tag, '', null, this.all(depth + 1));
    }
  }

  #prose(tag, className, attributes) {
    const piece = new Piece('prose', tag, className, attributes);
    if (this.#tokens[this.#next].type === 'inline') {
      piece.text = this.#tokens[this.#next].content;
      this.#next++;
    }
    this.#next++;
    return piece;
  }

  /** Changes heading levels so that the page's outline has no gaps; the style stays that of the original level. */
  #heading(token, attributes) {
    const piece = this.#prose('p', token.tag, attributes);
    if (piece.text !== '') {
      const meant = Number(token.tag[1]) + 2;
      this.#headingLevel = Math.min(meant, this.#headingLevel + 1, 6);
      piece.tag = `h${this.#headingLevel}`;
    }
    return piece;
  }

  #list(token, attributes, depth) {
    const start = token.attrGet('start');
    const tight = this.#isTight(this.#next, token.level);
    const items = this.all(depth + 1);
    items.forEach(markTask);
    const ordered = token.type === 'ordered_list_open';
    const numbered = ordered && start !== null ? { ...attributes, start } : attributes;
    const room = ordered ? roomFor(Number(start ?? 1) + items.length - 1) : '';
    return element(token.tag, [tight ? 'tight' : '', room].filter(Boolean).join(' '), numbered, items);
  }

  /** markdown-it hides the paragraphs of such a list; here the list says so, and they stay when it turns loose. */
  #isTight(from, level) {
    for (let index = from; this.#tokens[index].level > level; index++) {
      const token = this.#tokens[index];
      if (token.type === 'paragraph_open' && token.level === level + 2) {
        return token.hidden;
      }
    }
    return true;
  }

  #cell(token) {
    const align = /left|center|right/.exec(token.attrGet('style') ?? '')?.[0] ?? '';
    const piece = this.#prose('td', align, null);
    if (token.type === 'th_open' && piece.text !== '') {
      piece.tag = 'th';
      piece.attributes = { scope: 'col' };
    }
    return piece;
  }
}

/** The class of a list whose last number is this. */
function roomFor(number) {
  const digits = String(number).length;
  const room = [3, 4, 6, 9].find((most) => digits <= most) ?? 9;
  return digits < 3 ? '' : `digits-${room}`;
}

function markTask(item) {
  const first = item.children[0];
  const box = first?.kind === 'prose' && first.tag === 'p' ? /^\[([ xX])\]\s+(?=\S)/.exec(first.text) : null;
  if (box !== null) {
    first.task = box[1] === ' ' ? 'open' : 'done';
    first.text = first.text.slice(box[0].length);
    item.className = 'task';
  }
}

function code(token) {
  const piece = new Piece('code', languageName(token.type === 'fence' ? token.info : ''));
  piece.text = token.content;
  piece.fenced = token.type === 'fence';
  return piece;
}

function math(token, tag) {
  if (token.type === 'math_block' && token.info !== 'closed') {
    const source = element('p', '', { dir: 'auto' });
    addText(source.children, token.markup);
    return source;
  }
  const display = token.type === 'math_block' || token.info === 'display';
  const piece = new Piece('math', tag, display ? 'display' : '');
  piece.text = token.content;
  piece.source = token.markup;
  return piece;
}

/** Makes pieces of the tokens in prose. What is emphasised within more than {@link DEEPEST} others is so no further. */
function proseOf(tokens) {
  const stack = [{ children: [], token: null }];
  for (const token of tokens) {
    const { children } = stack.at(-1);
    if (token.nesting > 0) {
      stack.push(stack.length <= DEEPEST ? { children: [], token } : { children, token: null });
    } else if (token.nesting < 0) {
      const inner = stack.pop();
      if (inner.token !== null) {
        stack.at(-1).children.push(span(inner.token, inner.children));
      }
    } else {
      addLeaf(children, token);
    }
  }
  return stack[0].children;
}

function span(token, children) {
  return token.type === 'link_open'
    ? linkPiece(token.attrGet('href'), token.attrGet('title'), children)
    : element(token.tag, '', null, children);
}

function addLeaf(siblings, token) {
  switch (token.type) {
    case 'softbreak':
      addText(siblings, '\n');
      break;
    case 'hardbreak':
      siblings.push(element('br', '', null));
      break;
    case 'code_inline': {
      const piece = element('code', '', { dir: 'auto' });
      addCode(piece.children, token.content);
      siblings.push(piece);
      break;
    }
    case 'image':
      siblings.push(imagePiece(token.attrGet('src'), token.attrGet('title'), token.content));
      break;
    case 'math_inline':
      siblings.push(math(token, 'span'));
      break;
    default:
      addText(siblings, token.content);
  }
}
