/** A line that may still become something else. It is not shown, so that it does not flash as a heading or a rule. */
const UNDECIDED = /^[\s>]*(?:\d{1,9}[.)]?[ \t]*|[-+*][ \t]+)?(?:[-+=_*#~`:|$\\[ \t]*|\[[ xX]?\]?)$/;
const FENCE_OPENING = /^[\s>]*(?:\d{1,9}[.)][ \t]+|[-+*][ \t]+)?(?:`{3,}[^`]*|~{3,}.*)$/;

/** Marks that may open emphasis, code or a link, and escapes. */
const MARK = /\\.|`+|\*+|_+|~+/gs;

/** A link whose address has begun, with its words. */
const OPEN_LINK = /!?\[([^[\]\n]*)\]\([^()\s]*(?:\s+"?[^"()\n]*)?$/;

/** Prose longer than this is shown as it is. */
const LONGEST = 20_000;

/** The text without its last line, if that line may still become something else. */
export function decided(text) {
  const begin = text.lastIndexOf('\n') + 1;
  const last = text.length - begin <= 80 ? text.slice(begin) : 'x';
  return last !== '' && (UNDECIDED.test(last) || FENCE_OPENING.test(last)) ? text.slice(0, begin) : text;
}

/**
 * Prepares the blocks of a text that is still growing to be shown: what has been opened in the last of them counts as
 * closed, and rows of what seems to become a table wait for the line that makes it one.
 *
 * @param {Piece[]} pieces
 * @param {boolean} paused whether a blank line has ended what prose there was
 */
export function settle(pieces, paused) {
  const last = pieces.at(-1);
  if (last?.kind === 'code') {
    last.closed = isClosed(last);
  } else if (last?.kind === 'prose' && !paused) {
    last.text = last.tag === 'p' ? completed(withoutRows(last.text)) : completed(last.text);
    if (last.text === '' && last.task === '') {
      pieces.pop();
    }
  } else if (last?.children) {
    settle(last.children, paused);
  }
}

/** Prose with what is open at its end closed: emphasis, code; of an open link the words alone. */
export function completed(text) {
  if (text.length > LONGEST) {
    return text;
  }
  const { open, closedAt, codeEnd } = openMarks(text);
  let shown = text;
  const link = open.at(-1)?.mark[0] === '`' ? null : OPEN_LINK.exec(shown);
  if (link !== null && link.index >= codeEnd) {
    shown = shown.slice(0, link.index) + link[1];
  }
  const bare = shown.replace(/(?:[*_~]+|!?\[)$/, '');
  if (bare !== shown && closedAt < text.length && text.endsWith(shown.slice(bare.length))) {
    while (open.length > 0 && open.at(-1).at >= bare.length) {
      open.pop();
    }
    shown = bare;
  }
  const marks = open.reverse();
  if (marks[0]?.mark[0] === '`') {
    const code = marks.shift();
    if (shown.length <= code.at + code.mark.length) {
      shown = shown.slice(0, code.at);
    } else {
      shown += shown.endsWith('`') ? ` ${code.mark}` : code.mark;
    }
  }
  return marks.length === 0 ? shown : shown.trimEnd() + marks.map(({ mark }) => mark).join('');
}

/** Code that the end of its piece is known of, though it is the last one. */
function isClosed(code) {
  let lines = 0;
  for (let end = code.text.indexOf('\n'); end >= 0; end = code.text.indexOf('\n', end + 1)) {
    lines++;
  }
  return code.fenced && lines + 2 <= code.lines[1] - code.lines[0];
}

/**
 * The marks that were opened and not closed, with where; where the last of the others was closed, and where the last
 * whole code span ends. An open code span comes last: nothing opens within.
 */
function openMarks(text) {
  const open = [];
  let closedAt = -1;
  let codeEnd = 0;
  MARK.lastIndex = 0;
  for (let match = MARK.exec(text); match !== null; match = MARK.exec(text)) {
    const mark = match[0];
    const at = match.index;
    if (mark[0] === '`') {
      const close = closingRun(text, mark, MARK.lastIndex);
      if (close < 0) {
        open.push({ mark, at });
        return { open, closedAt, codeEnd };
      }
      MARK.lastIndex = close;
      codeEnd = close;
    } else if (mark[0] !== '\\') {
      const end = MARK.lastIndex;
      closedAt = toggle(open, mark, at, text[at - 1] ?? ' ', text[end] ?? ' ') ? end : closedAt;
    }
  }
  return { open, closedAt, codeEnd };
}

function closingRun(text, mark, from) {
  for (let at = text.indexOf(mark, from); at >= 0; ) {
    let end = at + mark.length;
    while (text[end] === '`') {
      end++;
    }
    if (end - at === mark.length) {
      return end;
    }
    at = text.indexOf(mark, end);
  }
  return -1;
}

/** @returns {boolean} whether the mark closes one */
function toggle(open, mark, at, before, after) {
  const index = open.findLastIndex((other) => other.mark === mark);
  if (index >= 0 && !/\s/.test(before)) {
    open.splice(index);
    return true;
  }
  if (!/\s/.test(after) && !(mark[0] === '_' && /\w/.test(before)) && mark.length <= 3 && mark !== '~') {
    open.push({ mark, at });
  }
  return false;
}

/** A paragraph's last lines, one or two, that look like rows of a table that has not begun. */
function withoutRows(text) {
  const rows = /(?:^|\n)(\|[^\n]*(?:\n\|?[-:| ]*)?)$/.exec(text);
  return rows === null ? text : text.slice(0, rows.index);
}
