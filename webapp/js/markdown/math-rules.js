/** Characters after an opening and before a closing delimiter, looked for no farther than this. */
const SPAN = 2000;

/** A letter of a script that puts no space between words. */
const UNSPACED = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}]/u;
const AMOUNT_AND_WORD = /^[\d.,]+\s?[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]/u;

/** Teaches a markdown-it to recognise `$…$`, `$$…$$`, `\(…\)` and `\[…\]`, warily: dollars are money, too. */
export function mathRules(md) {
  md.block.ruler.before('fence', 'math_block', mathBlock, { alt: ['paragraph', 'reference', 'blockquote', 'list'] });
  md.inline.ruler.before('escape', 'math_brackets', mathBrackets);
  md.inline.ruler.after('escape', 'math_dollars', mathDollars);
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
 * `$5 and $6` is no formula, nor are `$HOME/$USER`, `US$5`, or an amount followed by words. Chinese, Japanese and Korean have
 * no space between words and formulas, so their letters may come directly before and after a formula. But a text between two
 * dollars that has only such words is the text between two formulas.
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
