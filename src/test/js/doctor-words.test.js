import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { formatMillis, numbersInWords, plotInWords, verdictInWords } from '../../../webapp/js/doctor/words.js';
import { judge } from '../../../webapp/js/doctor/verdict.js';
import { speakLanguage } from './support.js';

beforeEach(() => speakLanguage('en'));

/** A stream of 50 events, one each 100 ms, that came as `arrival` says. */
function recording(arrival, more = {}) {
  const ticks = Array.from({ length: 50 }, (_, index) => ({ n: index + 1, sent: index * 100, at: arrival(index * 100) }));
  return {
    asked: { events: 50, interval: 100, silence: 0, heartbeat: true },
    status: 200,
    redirected: false,
    headers: [['content-type', 'text/event-stream']],
    toHeaders: 25,
    hello: { version: 1, events: 50, protocol: 'HTTP/1.1' },
    reads: ticks.map(({ at }) => ({ at, bytes: 50, events: 1, comments: 0 })),
    ticks,
    end: 'done',
    endedAt: ticks.at(-1).at + 5,
    hidden: false,
    stalls: [],
    encodedBytes: 2500,
    decodedBytes: 2500,
    protocol: 'h2',
    ...more,
  };
}

const live = recording((sent) => sent + 20);
const buffered = recording(() => 5_000);

test('times_areWrittenForPeopleWhoLookAtMilliseconds', () => {
  assert.equal(formatMillis(0.44), '0.4 ms');
  assert.equal(formatMillis(12.4), '12 ms');
  assert.equal(formatMillis(1250), '1,250 ms');
});

test('verdict_isToldWithItsNumbers', () => {
  const words = verdictInWords(judge(live), live);
  assert.match(words.text, /All 50 events came one by one/);
  assert.deepEqual(words.warnings, []);
  assert.notEqual(verdictInWords(judge(buffered), buffered).title, words.title);
});

test('wordsOfTheServer_areAdded_whereItRefused', () => {
  const refused = recording((sent) => sent, { status: 503, said: 'draining' });
  assert.match(verdictInWords(judge(refused), refused).text, /draining/);
});

test('numbers_areRowsWithNames_andSayWhatTheBrowserDidNotTell', () => {
  const rows = new Map(numbersInWords(judge(live), { ...live, protocol: '' }));
  assert.equal(rows.get('Protocol'), '? at the browser, HTTP/1.1 at the server');
  assert.ok([...rows.keys()].every((name) => !name.startsWith('doctor.')), [...rows.keys()].join());
  assert.ok([...rows.values()].every((value) => !/undefined|NaN|[{}]/.test(value)), [...rows.values()].join());
});

for (const code of ['en', 'de', 'fr', 'zh']) {
  test(`everyVerdict_hasAllItsWords_in_${code}`, () => {
    speakLanguage(code);
    const blocked = { ticks: [], reads: [], hello: null, toHeaders: null, endedAt: 40 };
    for (const each of [
      live,
      buffered,
      recording((sent) => Math.ceil((sent + 1) / 1000) * 1000),
      recording((sent) => sent + 20, { end: 'stopped' }),
      recording((sent) => sent + 20, { end: 'broken', asked: { ...live.asked, events: 99 } }),
      recording((sent) => sent + 20, { end: 'broken', asked: { ...live.asked, silence: 9000 } }),
      recording(() => 5_000, { headers: [...live.headers, ['content-encoding', 'gzip']] }),
      recording(() => 5_000, { hidden: true }),
      recording((sent) => sent, { ...blocked, status: null, headers: [], end: 'broken' }),
      recording((sent) => sent, { ...blocked, status: 401, end: 'closed' }),
      recording((sent) => sent, { ...blocked, status: 403, end: 'closed' }),
      recording((sent) => sent, { ...blocked, redirected: true, end: 'closed' }),
      recording((sent) => sent, { ...blocked, headers: [['content-type', 'text/html']], end: 'closed' }),
    ]) {
      const found = judge(each);
      const { title, text, warnings } = verdictInWords(found, each);
      for (const words of [title, text, ...warnings, plotInWords(found.numbers)]) {
        assert.doesNotMatch(words, /^doctor\.|undefined|NaN|Infinity|[{}]/, `${found.verdict} ${found.reason}`);
      }
    }
  });
}
