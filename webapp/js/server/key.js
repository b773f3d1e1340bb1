const NAME = 'sluice.access-key';

/** Used if the browser denies storage (cookies are blocked): the key then lasts as long as the page. */
let inMemory = null;

/** The key that this tab was given, or null. */
export function accessKey() {
  try {
    return sessionStorage.getItem(NAME) ?? inMemory;
  } catch {
    return inMemory;
  }
}

/** @param {string} key sent with every question from now on, until the tab is closed */
export function keepAccessKey(key) {
  inMemory = key;
  try {
    sessionStorage.setItem(NAME, key);
  } catch {
    // only in memory then
  }
}

export function forgetAccessKey() {
  inMemory = null;
  try {
    sessionStorage.removeItem(NAME);
  } catch {
    // storage is denied, so there is nothing to remove
  }
}
