/** The text of a footnote, `[^1]: Text`. */
const FOOTNOTE = /^\[\^[^\]]*\]:/;

/**
 * Keeps the text of footnotes: a markdown-it takes `[^1]: Text` for the definition of a link and shows nothing of it.
 * Each is a paragraph, shown as it was written, and so is what refers to it.
 */
export function footnoteRule(md) {
  md.block.ruler.before('reference', 'footnote', footnote, { alt: ['paragraph', 'reference'] });
}

function footnote(state, startLine, endLine, silent) {
  const begin = state.bMarks[startLine] + state.tShift[startLine];
  if (state.sCount[startLine] - state.blkIndent >= 4 || !FOOTNOTE.test(state.src.slice(begin, state.eMarks[startLine]))) {
    return false;
  }
  if (!silent) {
    const parent = state.parentType;
    state.parentType = 'paragraph';
    const line = lastLine(state, startLine, endLine);
    state.parentType = parent;
    const token = state.push('paragraph_open', 'p', 1);
    token.map = [startLine, line];
    const inline = state.push('inline', '', 0);
    inline.content = state.getLines(startLine, line, state.blkIndent, false).trim();
    inline.map = [startLine, line];
    inline.children = [];
    state.push('paragraph_close', 'p', -1);
    state.line = line;
  }
  return true;
}

/** Where the paragraph ends, which is where any other would: at a blank line, or at what may interrupt one. */
function lastLine(state, startLine, endLine) {
  const interrupts = state.md.block.ruler.getRules('paragraph');
  let line = startLine + 1;
  for (; line < endLine && !state.isEmpty(line); line++) {
    const continued = state.sCount[line] - state.blkIndent > 3 || state.sCount[line] < 0;
    if (!continued && interrupts.some((rule) => rule(state, line, endLine, true))) {
      break;
    }
  }
  return line;
}
