import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { formatCountdown, formatDuration, formatNumber, language, speak, t } from '../../../webapp/js/base/i18n.js';
import { speakLanguage } from './support.js';

afterEach(() => speakLanguage('en'));

test('words_missingInACatalog_areEnglish_andMissingEverywhere_areTheKey', () => {
  speak('de', { 'a.b': 'hier' }, { 'a.b': 'here', 'a.c': 'only {place}' });
  assert.equal(language(), 'de');
  assert.equal(t('a.b'), 'hier');
  assert.equal(t('a.c', { place: 'there' }), 'only there');
  assert.equal(t('a.d'), 'a.d');
});

test('parameters_areReplacedByNameOnce_numbersAsTheLanguageWritesThem', () => {
  speak('de', { 'a.b': '{n} von {text} {other}' }, {});
  assert.equal(t('a.b', { n: 1234.5, text: '{n}' }), '1.234,5 von {n} {other}');
});

test('count_choosesTheFormOfTheLanguage_orTheGeneralOne', () => {
  const words = { 'a.one': '{count} Datei', 'a.other': '{count} Dateien', 'b.other': 'je {count}' };
  speak('fr', words, {});
  assert.equal(t('a', { count: 0 }), '0 Datei'); // French counts 0 as one
  assert.equal(t('a', { count: 2 }), '2 Dateien');
  speak('en', words, words);
  assert.equal(t('a', { count: 0 }), '0 Dateien');
  assert.equal(t('a', { count: 1 }), '1 Datei');
  assert.equal(t('b', { count: 1 }), 'je 1');
});

for (const [code, number, short, long] of [
  ['en', '1,234.5', '0.4 s', '2 min 5 s'],
  ['de', '1.234,5', '0,4 s', '2 min 5 s'],
]) {
  test(`numbersAndTimes_in_${code}_areWrittenForItsReaders`, () => {
    speakLanguage(code);
    assert.equal(formatNumber(1234.5), number);
    assert.equal(formatDuration(432), short);
    assert.equal(formatDuration(9_999), t('time.seconds', { seconds: formatNumber(10, { minimumFractionDigits: 1 }) }));
    assert.equal(formatDuration(12_300), '12 s');
    assert.equal(formatDuration(125_000), long);
    assert.equal(formatDuration(59_999), '60 s');
    assert.equal(formatDuration(60_000), '1 min 0 s');
  });
}

test('countdown_hasNoFractions_andHoursIfThereAreAny', () => {
  speakLanguage('en');
  const times = [1, 59, 60, 125, 3_599, 3_600, 90_061].map(formatCountdown);
  assert.deepEqual(times, ['1 s', '59 s', '1 min 0 s', '2 min 5 s', '59 min 59 s', '1 h 0 min', '25 h 1 min']);
});
