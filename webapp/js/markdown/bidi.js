/** Characters that change the direction of text: embeddings, overrides, isolates, marks. */
const IN_CODE = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g;

/** Overrides, which force letters against their own direction. No language needs them; they are used to deceive. */
const IN_PROSE = /[\u202d\u202e]/g;

/** Splits code at characters that make it look different from what it does: every second piece is such a character. */
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
