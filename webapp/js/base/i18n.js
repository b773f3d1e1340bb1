let catalog = {};
let fallback = {};
let code = 'en';
let plural = new Intl.PluralRules('en');

/**
 * Sets the language.
 *
 * @param {string} wanted its code, `en` for English
 * @param {Object<string, string>} words the texts of its catalog
 * @param {Object<string, string>} english the texts that are used where that catalog lacks one
 */
export function speak(wanted, words, english) {
  code = wanted;
  catalog = words;
  fallback = english;
  plural = new Intl.PluralRules(wanted);
}

/** The language in use: for `Intl` and `lang`. */
export function language() {
  return code;
}

/**
 * The text of a key, with `{name}` replaced by the parameter of that name. With a parameter `count`, the form for
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

/** A time that is left, without fractions: `9 s`, `2 min 5 s`, `3 h 20 min`. @param {number} seconds */
export function formatCountdown(seconds) {
  if (seconds < 60) {
    return t('time.seconds', { seconds });
  }
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? t('time.minutes', { minutes, seconds: seconds % 60 })
    : t('time.hours', { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

function pluralForm(key, count) {
  const exact = `${key}.${plural.select(count)}`;
  return exact in catalog || exact in fallback ? exact : `${key}.other`;
}

function written(value) {
  return typeof value === 'number' ? formatNumber(value) : value;
}
