import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { t } from '../../../webapp/js/base/i18n.js';
import { KINDS, failureInWords } from '../../../webapp/js/server/failure.js';
import { speakLanguage } from './support.js';

beforeEach(() => speakLanguage('en'));

test('failure_isToldInTheServersWords_withItsStatus', () => {
  assert.equal(failureInWords({ message: 'cut' }), 'cut');
  assert.equal(failureInWords({ message: 'cut', status: 502 }), 'cut (status 502)');
  assert.equal(failureInWords({ message: 'cut', retryAfter: 1 }), 'cut Try again in one second.');
  assert.equal(failureInWords({ message: 'cut', retryAfter: 90 }), 'cut Try again in 90 seconds.');
  assert.equal(failureInWords(), '');
});

for (const code of ['en', 'de', 'fr', 'zh']) {
  test(`failure_ofWhichNobodyHasSaidAnything_hasWordsOfOurs_in_${code}`, () => {
    speakLanguage(code);
    for (const kind of KINDS) {
      const words = failureInWords({ message: 'the detail', status: 599, kind });
      assert.doesNotMatch(words, /^failure\.|[{}]/, kind);
      assert.notEqual(words, 'the detail');
      assert.equal(words, t(`failure.${kind}`, { status: 599, detail: 'the detail' }));
    }
  });
}
