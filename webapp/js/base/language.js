import { speak, t } from './i18n.js';

/** The languages with a catalog `i18n/<code>.json`, each with its name in that language. */
export const LANGUAGES = { en: 'English', de: 'Deutsch', fr: 'Français', zh: '中文' };

/**
 * Loads the catalog. Texts that it lacks are taken from the English one.
 *
 * @param {string} [wanted] a code of {@link LANGUAGES}; `auto` takes the first of the browser's that is among them
 */
export async function loadLanguage(wanted = 'auto') {
  const code = wanted in LANGUAGES ? wanted : preferred();
  const [english, words] = await Promise.all([read('en'), code === 'en' ? {} : read(code)]);
  speak(code, words, english);
  document.documentElement.lang = code === 'zh' ? 'zh-Hans' : code;
}

/**
 * Sets the texts of elements that were written in HTML: `data-t` is the key of the text, `data-t-label` that of the
 * accessible name, which is a button's tooltip too.
 *
 * @param {ParentNode} root
 */
export function translate(root) {
  for (const element of root.querySelectorAll('[data-t]')) {
    element.textContent = t(element.dataset.t);
  }
  for (const element of root.querySelectorAll('[data-t-label]')) {
    const label = t(element.dataset.tLabel);
    element.setAttribute('aria-label', label);
    if (element.tagName === 'BUTTON') {
      element.title = label;
    }
  }
}

function preferred() {
  const wanted = (navigator.languages ?? [navigator.language]).map((tag) => tag.toLowerCase().split('-')[0]);
  return wanted.find((tag) => tag in LANGUAGES) ?? 'en';
}

async function read(name) {
  const response = await fetch(new URL(`../../i18n/${name}.json`, import.meta.url));
  return response.ok ? response.json() : {};
}
