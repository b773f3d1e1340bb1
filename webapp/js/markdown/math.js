import { el } from '../base/dom.js';
import { loading, workSoon } from './frames.js';

const HOME = new URL('../../vendor/katex-0.19.1/', import.meta.url);

/** Longer formulas, or what was taken for one, stay as they were written. */
const LONGEST = 4000;

/** Characters after an opening and before a closing delimiter, looked for no farther than this. */
const SPAN = 2000;

/** A letter of a script that puts no space between words. */
const UNSPACED = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}]/u;
const AMOUNT_AND_WORD = /^[\d.,]+\s?[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]/u;

let katex = null;
let loaded = null;

/** Teaches a markdown-it to recognise `$…$`, `$$…$$`, `\(…\)` and `\[…\]`, warily: dollars are money, too. */
export function mathRules(md) {
  md.block.ruler.before('fence', 'math_block', mathBlock, { alt: ['paragraph', 'reference', 'blockquote', 'list'] });
  md.inline.ruler.before('escape', 'math_brackets', mathBrackets);
  md.inline.ruler.after('escape', 'math_dollars', mathDollars);
}

/** A formula: its source, until KaTeX is there to set it. */
export class Formula {
  node;
  #tex;
  #display;

  /**
   * @param {string} tex
   * @param {string} source as it was written, delimiters and all
   * @param {string} tag of its element
   * @param {boolean} display in a line of its own
   */
  constructor(tex, source, tag, display) {
    this.#tex = tex;
    this.#display = display;
    this.node = el(tag, { class: display ? 'math display' : 'math', dir: 'ltr' }, source);
    if (display) {
      this.node.tabIndex = 0; // it may be wider than the page, and is scrolled by keys then
    }
    if (tex.length <= LONGEST) {
      if (katex === null) {
        loaded ??= loadKatex();
        loading(loaded.then(() => workSoon(this), () => {}));
      } else {
        workSoon(this);
      }
    }
  }

  step() {
    try {
      const tree = katex.__renderToDomTree(this.#tex, {
        displayMode: this.#display,
        output: 'htmlAndMathml',
        throwOnError: false,
        strict: 'ignore',
        trust: false,
        errorColor: 'var(--bad)',
        maxSize: 10, // em
        maxExpand: 500,
      });
      withoutStyleAttributes(tree);
      this.node.replaceChildren(tree.toNode());
      this.node.classList.add('set');
    } catch {
      // It stays as it was written.
    }
    return false;
  }
}

async function loadKatex() {
  const sheet = document.createElement('link');
  sheet.rel = 'stylesheet';
  sheet.href = new URL('katex.min.css', HOME).href;
  const styled = new Promise((resolve) => {
    sheet.addEventListener('load', resolve);
    sheet.addEventListener('error', resolve);
  });
  document.head.append(sheet);
  try {
    [{ default: katex }] = await Promise.all([import('../../vendor/katex-0.19.1/katex.js'), styled]);
  } catch (error) {
    loaded = null; // the next formula may have more luck
    sheet.remove();
    throw error;
  }
}

/** The page's policy forbids them, and what KaTeX says by them (a colour, a shadow) is said by classes or not missed. */
function withoutStyleAttributes(tree) {
  if (tree.attributes) {
    delete tree.attributes.style;
  }
  tree.children?.forEach(withoutStyleAttributes);
}

/** `$$` or `\[` alone in its line, up to the line that closes it; or both in one. A blank line ends it unclosed. */
function mathBlock(state, startLine, endLine, silent) {
  if (state.sCount[startLine] - state.blkIndent >= 4) {
    return false;
  }
  const first = lineAt(state, startLine);
  const closer = first.startsWith('$$') ? '$$' : first.startsWith('\\[') ? '\\]' : null;
  if (closer === null) {
    return false;
  }
  const inOneLine = first.length > 4 && first.endsWith(closer) && first.indexOf(closer, 2) === first.length - 2;
  if (!inOneLine && first.length > 2) {
    return false; // perhaps within a paragraph, then
  }
  if (silent) {
    return true;
  }
  let line = startLine + 1;
  let closed = inOneLine;
  for (; !closed && line < endLine && !state.isEmpty(line) && state.sCount[line] >= state.blkIndent; line++) {
    closed = lineAt(state, line).endsWith(closer);
  }
  const source = state.getLines(startLine, line, state.blkIndent, false).trim();
  const token = state.push('math_block', 'div', 0);
  token.content = source.slice(2, closed ? -2 : undefined).trim();
  token.markup = source;
  token.info = closed ? 'closed' : '';
  token.map = [startLine, line];
  state.line = line;
  return true;
}

function lineAt(state, line) {
  return state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]).trimEnd();
}

function mathBrackets(state, silent) {
  const opener = state.src.startsWith('\\(', state.pos) ? '(' : state.src.startsWith('\\[', state.pos) ? '[' : null;
  if (opener === null) {
    return false;
  }
  const end = closing(state, opener === '(' ? '\\)' : '\\]', state.pos + 2);
  return end > 0 && push(state, silent, end, 2, opener === '[');
}

function mathDollars(state, silent) {
  const { src, pos } = state;
  if (src[pos] !== '$') {
    return false;
  }
  if (src[pos + 1] === '$') {
    const end = closing(state, '$$', pos + 2);
    return end > 0 && push(state, silent, end, 2, true);
  }
  const end = closing(state, '$', pos + 1);
  if (end < 0 || !isFormula(src[pos - 1] ?? '', src.slice(pos + 1, end), src[end + 1] ?? '')) {
    return false;
  }
  return push(state, silent, end, 1, false);
}

/** Where the delimiter comes next, not escaped; -1 if it does not, or too far away. */
function closing(state, delimiter, from) {
  // That one is missing is found out once, or a line of openers would be searched through for each.
  const missing = (state.env.missing ??= { src: state.src, after: {} });
  if (missing.src !== state.src) {
    missing.src = state.src;
    missing.after = {};
  }
  if (from >= (missing.after[delimiter] ?? Infinity)) {
    return -1;
  }
  let end = state.src.indexOf(delimiter, from);
  while (end > 0 && delimiter[0] === '$' && state.src[end - 1] === '\\') {
    end = state.src.indexOf(delimiter, end + 1);
  }
  if (end < 0) {
    missing.after[delimiter] = from;
  }
  return end >= 0 && end < state.posMax && end - from <= SPAN && end > from ? end : -1;
}

/**
 * `$5 and $6` is none, nor are `$HOME/$USER`, `US$5`, or an amount followed by words. Chinese, Japanese and Korean put no
 * space between words and formulas, so a letter of theirs may stand before and after one; but between two dollars, words
 * of theirs alone are what stands between two formulas.
 */
function isFormula(before, content, after) {
  return (
    (!/[\p{L}\p{N}$]/u.test(before) || UNSPACED.test(before)) &&
    !/^\s|\s$|[/:([{,]$/.test(content) &&
    !/[\p{N}\p{Lu}_{$]/u.test(after) &&
    !/^[\d.,]+\S?\s[^\\=]*\p{L}{2}/u.test(content) &&
    !(UNSPACED.test(content) && isProse(content))
  );
}

/** Whether text with letters of such a script is prose: an amount with a word, half a sentence, or nothing that reckons. */
function isProse(content) {
  return (
    AMOUNT_AND_WORD.test(content) ||
    /^[，。、；：！？）」』]|[，。、；：！？（「『]$/.test(content) ||
    !/[\\=<>^_+×÷≤≥≈]/.test(content)
  );
}

function push(state, silent, end, length, display) {
  if (!silent) {
    const token = state.push('math_inline', 'span', 0);
    token.content = state.src.slice(state.pos + length, end).trim();
    token.markup = state.src.slice(state.pos, end + length);
    token.info = display ? 'display' : '';
  }
  state.pos = end + length;
  return true;
}
