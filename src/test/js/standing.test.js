import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { limitsInWords } from '../../../webapp/js/chat/standing.js';
import { me } from '../../../webapp/js/server/api.js';
import { speakLanguage } from './support.js';

const TOKENS = { unit: 'tokens', period: 'minute', amount: 20_000, spent: 19_200, held: 600, remaining: 200, whole_in_ms: 1 };

beforeEach(() => {
  globalThis.document = { querySelector: () => null, cookie: '' };
});

afterEach(() => {
  delete globalThis.document;
  speakLanguage('en');
});

for (const code of ['en', 'de', 'fr', 'zh']) {
  test(`limits_areToldInWords_in_${code}`, () => {
    speakLanguage(code);
    const all = ['requests', 'tokens'].flatMap((unit) =>
      ['second', 'minute', 'hour', 'day'].map((period) => ({ ...TOKENS, unit, period })),
    );
    const words = limitsInWords({ limits: [{ ...TOKENS, unit: 'streams', period: null }, ...all] });
    assert.equal(new Set(words.map(([what]) => what)).size, 9);
    words.flat().forEach((each) => assert.doesNotMatch(each, /^standing\.|[{}]/));
  });
}

test('limits_sayWhatIsLeftOfHowMuch', () => {
  speakLanguage('en');
  assert.deepEqual(limitsInWords({ limits: [TOKENS] }), [['Tokens per minute', '200 of 20,000 left']]);
});

test('limits_thatArePartlyOrNotAtAllKnown_areLeftOut', () => {
  speakLanguage('en');
  const odd = [null, 7, {}, { ...TOKENS, unit: 'watts' }, { ...TOKENS, period: 'year' }, { ...TOKENS, amount: '1' }];
  assert.deepEqual(limitsInWords({ limits: odd }), []);
  for (const nothing of [null, {}, { limits: 'x' }, []]) {
    assert.deepEqual(limitsInWords(nothing), []);
  }
});

test('me_isAskedWithTheKey_andNullIfTheServerDoesNotSay', async () => {
  const asked = [];
  const answer = (make) => {
    globalThis.fetch = async (path, { headers }) => {
      asked.push(`${path} ${headers.Authorization}`);
      return make();
    };
  };
  answer(() => Response.json({ name: 'ada' }));
  assert.deepEqual(await me('the-key'), { name: 'ada' });
  assert.deepEqual(asked, ['me Bearer the-key']);
  answer(() => Response.json({ error: {} }, { status: 401 }));
  assert.equal(await me('the-key'), null);
  answer(() => new Response('<html>'));
  assert.equal(await me('the-key'), null);
  answer(() => {
    throw new TypeError('network error');
  });
  assert.equal(await me(null), null);
});
