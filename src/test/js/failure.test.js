import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { t } from '../../../webapp/js/base/i18n.js';
import { KINDS, failureInWords, refusalInWords } from '../../../webapp/js/server/failure.js';
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

test('limit_isToldInWordsOfOurs_withTheServersAsDetails_andWhenToAskAgain', () => {
  const said = { message: 'Limit tokens per minute reached.', status: 429, code: 'rate_limit_exceeded', retryAfter: 6 };
  assert.deepEqual(refusalInWords({ ...said, retryAt: 1_000 }), {
    meaning: t('failure.limit'),
    details: 'Limit tokens per minute reached. (status 429)',
    retryAt: 1_000,
  });
  assert.equal(refusalInWords({ message: 'busy', status: 429 }).retryAt, null);
  assert.equal(
    refusalInWords({ message: '', status: 429, kind: 'refused' }).details,
    t('failure.refused', { status: 429 }),
  );
});

test('model_thatIsNotAllowed_isToldInWordsOfOurs_andEverythingElseInTheServers', () => {
  const { meaning, retryAt } = refusalInWords({ message: 'No.', status: 403, code: 'model_not_allowed' });
  assert.deepEqual([meaning, retryAt], [t('failure.model'), null]);
  for (const other of [{ message: 'cut' }, { message: 'No.', status: 403, code: 'x' }, { message: 'full', status: 503, retryAt: 1 }]) {
    assert.equal(refusalInWords(other), null);
  }
  assert.equal(refusalInWords(), null);
});
