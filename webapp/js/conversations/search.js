/** How much of a text is shown before what was found, and in all. */
const BEFORE = 30;
const SNIPPET = 120;

/** Longer queries are cut, because each word needs a search of all text. */
const MOST_WORDS = 16;

const ASCII = /^\p{ASCII}*$/u;

/** Accents of Latin, Greek and Cyrillic letters. In other scripts such marks distinguish letters. */
const ACCENTS = /[\u0300-\u036f]/g;

/** A text in the form that is compared: without differences of case, accents and width. */
export function folded(text) {
  return ASCII.test(text)
    ? text.toLowerCase()
    : text.normalize('NFKD').replace(ACCENTS, '').toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}

/** @returns {string[]} the words to look for */
export function wordsOf(query) {
  return [...new Set(folded(query).split(/\s+/).filter((word) => word !== ''))].slice(0, MOST_WORDS);
}

/**
 * Looks for all words in a conversation: in its title and in what was said, on whichever branch.
 *
 * @param {import('./conversation.js').Conversation} conversation
 * @param {string[]} words from {@link wordsOf}
 * @returns {?string} some text around the longest of them, or null if one is missing
 */
export function found(conversation, words) {
  const missing = new Set(words);
  let place = null;
  const look = (text) => {
    if (missing.size === 0 || text === '') {
      return;
    }
    const searched = folded(text);
    missing.forEach((word) => {
      if (searched.includes(word)) {
        missing.delete(word);
        if (place === null || word.length > place.word.length) {
          place = { text, word };
        }
      }
    });
  };
  Object.values(conversation.messages).forEach(({ content }) => look(content));
  look(conversation.title);
  return missing.size === 0 && place !== null ? snippet(place) : null;
}

/** The text around a word. Folding changes lengths, so the index is found by folding the text piece by piece. */
function snippet({ text, word }) {
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (folded(text.slice(0, middle)).includes(word)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  const start = Math.max(0, low - word.length - BEFORE);
  const cut = text.slice(whole(text, start), whole(text, start + SNIPPET)).replace(/\s+/g, ' ').trim();
  return `${start > 0 ? '…' : ''}${cut}${start + SNIPPET < text.length ? '…' : ''}`;
}

/** The index, moved so that it does not split a surrogate pair. */
function whole(text, index) {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff ? index - 1 : index;
}
