/** What turns the direction of text around: embeddings, overrides, isolates, marks. */
const IN_CODE = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g;

/** What forces letters against their own direction. Prose in no language needs these; lies do. */
const IN_PROSE = /[\u202d\u202e]/g;

/** Cuts the text at characters of code that can make it read other than it runs: odd pieces are such characters. */
export function cutCode(text) {
  return cut(text, IN_CODE);
}

/** The same for prose, where only overrides are cut out; the rest is as harmless as it is usual in some scripts. */
export function cutProse(text) {
  return cut(text, IN_PROSE);
}

/** The text with these characters written out. */
export function spellOut(text) {
  return text.replace(IN_CODE, bidiName);
}

/** @returns {string} such as `U+202E` */
export function bidiName(character) {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function cut(text, pattern) {
  if (text.search(pattern) < 0) {
    return [text];
  }
  const pieces = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    pieces.push(text.slice(from, match.index), match[0]);
    from = match.index + 1;
  }
  pieces.push(text.slice(from));
  return pieces;
}
