const NAME = 'sluice.drafts';

/** The most drafts that are kept; then the oldest is removed. */
const MOST = 50;

/** Used if the browser denies storage: drafts then last as long as the page. */
let inMemory = {};

/** What was being written in a conversation. @param {string} id of the conversation, or `new` */
export function draft(id) {
  return read()[id] ?? '';
}

/** @param {string} text empty to forget it */
export function keepDraft(id, text) {
  const { [id]: _, ...others } = read();
  const entries = Object.entries(text === '' ? others : { ...others, [id]: text }).slice(-MOST);
  inMemory = Object.fromEntries(entries);
  try {
    localStorage.setItem(NAME, JSON.stringify(inMemory));
  } catch {
    // only in memory then
  }
}

/** Forgets all of them. */
export function forgetDrafts() {
  inMemory = {};
  try {
    localStorage.removeItem(NAME);
  } catch {
    // there were none
  }
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(NAME)) ?? inMemory;
  } catch {
    return inMemory;
  }
}
