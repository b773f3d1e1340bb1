/** The languages that there is a catalog for, `i18n/<code>.json`, by the name that each gives itself. */
export const LANGUAGES = { en: 'English', de: 'Deutsch', fr: 'Français', zh: '中文' };

let catalog = {};
let fallback = {};
let code = 'en';
let plural = new Intl.PluralRules('en');

/**
 * Loads the words. English stands in for what a catalog lacks.
 *
 * @param {string} [wanted] a code of {@link LANGUAGES}; `auto` takes the first of the browser's that is among them
 */
export async function loadLanguage(wanted = 'auto') {
  code = wanted in LANGUAGES ? wanted : preferred();
  plural = new Intl.PluralRules(code);
  [fallback, catalog] = await Promise.all([read('en'), code === 'en' ? {} : read(code)]);
  document.documentElement.lang = code === 'zh' ? 'zh-Hans' : code;
}

/** The language in use: for `Intl` and `lang`. */
export function language() {
  return code;
}

/**
 * The words for a key, with `{name}` replaced by the parameter of that name. With a parameter `count`, the form for
 * that number: `key.one`, `key.other` and so on, as `Intl.PluralRules` says. Numbers are written as the language does.
 *
 * @param {string} key `area.name`
 * @param {Object<string, string|number>} [parameters]
 */
export function t(key, parameters = {}) {
  const form = 'count' in parameters ? pluralForm(key, parameters.count) : key;
  const words = catalog[form] ?? fallback[form] ?? fallback[key] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in parameters ? written(parameters[name]) : whole));
}

/**
 * Puts the words into elements that were written in HTML: `data-t` is the key of the text, `data-t-label` that of the
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

/** @param {number} number @param {Intl.NumberFormatOptions} [options] */
export function formatNumber(number, options) {
  return new Intl.NumberFormat(code, options).format(number);
}

/** A length of time for people: `0.4 s`, `12 s`, `2 min 5 s`. */
export function formatDuration(millis) {
  const seconds = millis / 1000;
  if (seconds < 60) {
    const digits = seconds < 10 ? 1 : 0;
    return t('time.seconds', {
      seconds: formatNumber(seconds, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
    });
  }
  const whole = Math.round(seconds);
  return t('time.minutes', { minutes: Math.floor(whole / 60), seconds: whole % 60 });
}

function pluralForm(key, count) {
  const exact = `${key}.${plural.select(count)}`;
  return exact in catalog || exact in fallback ? exact : `${key}.other`;
}

function written(value) {
  return typeof value === 'number' ? formatNumber(value) : value;
}

function preferred() {
  const wanted = (navigator.languages ?? [navigator.language]).map((tag) => tag.toLowerCase().split('-')[0]);
  return wanted.find((tag) => tag in LANGUAGES) ?? 'en';
}

async function read(name) {
  const response = await fetch(new URL(`../../i18n/${name}.json`, import.meta.url));
  return response.ok ? response.json() : {};
}
