import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, latenessOf, longestStall } from '../../../webapp/js/doctor/verdict.js';
import { random as randomOf } from './support.js';

const SEEDS = 60;

/** Streams that never were, over networks with random delays, each with its name and the verdict that is right. */
function streamsOf(seed) {
  const random = randomOf(seed);
  const offset = random() * 1e6; // between the two clocks

  /** A recording of events that were sent at `sent` and come through `way`, which says when each arrives. */
  function recording({ events = 50, interval = 100, sent, way, jitter = 5, ...more }) {
    const times = Array.from({ length: events }, (_, i) => (sent ? sent(i) : i * interval + random() * 2));
    const arrivals = way ? times.map((time, i) => way(time, i, times)) : times;
    // TCP keeps the order: nothing arrives before what was sent before it.
    let last = 0;
    const ticks = times.map((time, i) => {
      last = Math.max(last, arrivals[i] + 20 + random() * jitter);
      return { n: i + 1, sent: time + offset, at: last };
    });
    const reads = [];
    for (const { at } of ticks) {
      const before = reads.at(-1);
      if (before && at - before.at < 1) {
        before.events++;
        before.bytes += 50;
      } else {
        reads.push({ at, bytes: 50, events: 1, comments: 0 });
      }
    }
    return {
      asked: { events, interval, silence: 0, heartbeat: true },
      status: 200,
      redirected: false,
      headers: [['content-type', 'text/event-stream;charset=utf-8']],
      toHeaders: 25,
      hello: { version: 1, events },
      reads,
      ticks,
      silenceAt: null,
      end: 'done',
      endedAt: last + 5,
      hidden: false,
      stalls: [],
      encodedBytes: 2500,
      decodedBytes: 2500,
      ...more,
    };
  }

  const every = (period) => (time) => Math.ceil((time + 1) / period) * period;
  const atTheEnd = (time, i, times) => times.at(-1);
  const eachSecond = Array.from({ length: 5 }, (_, i) => ({ from: i * 1000 + 100, to: i * 1000 + 1022 }));
  const gzip = [
    ['content-type', 'text/event-stream'],
    ['content-encoding', 'gzip'],
  ];
  const html = [['content-type', 'text/html; charset=utf-8']];
  const nothing = { ticks: [], reads: [], hello: null, toHeaders: null, endedAt: 40 };

  const streams = [
    ['direct', 'live', recording({})],
    ['direct, faster', 'live', recording({ interval: 20, events: 200 })],
    ['far away, evenly', 'live', recording({ way: (time) => time + 400 })],
    ['a mobile network', 'live', recording({ jitter: 110 })],
    ['acknowledgements that are delayed', 'live', recording({ way: every(200), jitter: 8 })],
    ['one hiccup', 'live', recording({ way: (time) => (time > 2000 && time < 2900 ? 2900 : time) })],
    ['clocks that drift', 'live', recording({ way: (time) => time * 1.0001 })],
    ['the server a bit late', 'live', recording({ sent: (i) => i * 100 + (i > 25 ? 900 : 0) })],
    ['seen by a hidden page', 'live', recording({ hidden: true, stalls: [{ from: 1000, to: 2000 }] })],
    ['compressed but flushed', 'live', recording({ headers: gzip })],
    ['slower events than asked for', 'live', recording({ sent: (i) => i * 140 })],
    ['flushed each second', 'bursty', recording({ way: every(1000) })],
    ['flushed each half second', 'bursty', recording({ way: every(500), jitter: 20 })],
    [
      'kilobytes full',
      'bursty',
      recording({ events: 300, interval: 20, way: (t, i, times) => times[Math.min(299, i - (i % 80) + 79)] }),
    ],
    [
      'most at the start, the rest at the end',
      'bursty',
      recording({ way: (t, i, times) => (i < 10 ? t : times.at(-1)) }),
    ],
    ['held until the end', 'buffered', recording({ way: atTheEnd })],
    ['held until the end, on a mobile network', 'buffered', recording({ way: atTheEnd, jitter: 110 / 50 })],
    ['a few, held until the end', 'buffered', recording({ events: 12, way: atTheEnd })],
    ['gzip, in bursts', 'compressed', recording({ way: every(1500), headers: gzip })],
    ['gzip, held until the end', 'compressed', recording({ way: atTheEnd, headers: gzip })],
    ['compressed, with its header taken away', 'compressed', recording({ way: atTheEnd, encodedBytes: 900 })],
    ['a narrow way', 'slow', recording({ interval: 20, events: 200, way: (t, i) => i * 60 })],
    [
      'the server stood still',
      'inconclusive',
      recording({ sent: (i) => (i < 25 ? i * 100 : 6000 + i), way: every(1000) }),
    ],
    ['the page stood still', 'inconclusive', recording({ way: every(1000), stalls: eachSecond })],
    [
      'bursts, and the page stood still once',
      'bursty',
      recording({ way: every(1000), stalls: eachSecond.slice(2, 3) }),
    ],
    [
      'live, and the page stood still now and then',
      'live',
      recording({
        events: 80,
        interval: 50,
        way: (time) => (time % 1000 < 400 ? Math.floor(time / 1000) * 1000 + 400 : time),
        stalls: Array.from({ length: 4 }, (_, i) => ({ from: i * 1000 + 10, to: i * 1000 + 415 })),
      }),
    ],
    [
      'buffered, and the page stood still once',
      'buffered',
      recording({ way: atTheEnd, stalls: eachSecond.slice(0, 1) }),
    ],
    ['a hidden page saw it late', 'inconclusive', recording({ way: atTheEnd, hidden: true })],
    ['too few', 'inconclusive', recording({ events: 5 })],
    ['too brief', 'inconclusive', recording({ interval: 0 })],
    [
      'cut in the middle',
      'cut midway',
      recording({ way: null, end: 'broken', asked: { events: 100, interval: 100, silence: 0 } }),
    ],
    [
      'ended in the middle',
      'cut midway',
      recording({ end: 'closed', asked: { events: 100, interval: 100, silence: 0 } }),
    ],
    [
      'cut in its silence',
      'cut silence',
      recording({ end: 'broken', asked: { events: 50, interval: 100, silence: 9000 } }),
    ],
    ['refused', 'blocked unreachable', recording({ ...nothing, status: null, headers: [], end: 'broken' })],
    ['no answer', 'blocked overdue', recording({ ...nothing, status: null, headers: [], end: 'overdue' })],
    ['an answer without a body', 'blocked overdue', recording({ ...nothing, end: 'overdue' })],
    ['a login page', 'blocked html', recording({ ...nothing, headers: html, end: 'closed' })],
    [
      'sent to a login page',
      'blocked redirected',
      recording({ ...nothing, status: null, redirected: true, end: 'closed' }),
    ],
    ['forbidden', 'blocked status', recording({ ...nothing, status: 403, headers: html, end: 'closed' })],
    ['without its key', 'blocked key', recording({ ...nothing, status: 401, end: 'closed' })],
    ['other events', 'blocked foreign', recording({ hello: null, ticks: [], end: 'closed' })],
    ['stopped', 'stopped', recording({ end: 'stopped' })],
  ];

  return streams;
}

const all = Array.from({ length: SEEDS }, (_, index) => streamsOf(index + 1));

all[0].forEach(([name, expected], at) => {
  test(`stream_${name}_is ${expected}`, () => {
    all.forEach((streams, index) => {
      const { verdict, reason, numbers, warnings } = judge(streams[at][2]);
      const got = verdict === 'cut' || verdict === 'blocked' ? `${verdict} ${reason}` : verdict;
      assert.equal(got, expected, `seed ${index + 1}: ${JSON.stringify({ reason, warnings, ...numbers })}`);
    });
  });
});

test('lateness_isWhatEachEventWasHeldUpBeyondTheFastest_whateverTheClocksSay', () => {
  const ticks = [
    { sent: 1_000_000, at: 30 },
    { sent: 1_000_100, at: 120 },
    { sent: 1_000_200, at: 420 },
  ];
  assert.deepEqual(latenessOf(ticks), [10, 0, 200]);
});

test('lateness_up to 150 ms for 95 of 100 events_isNoHiccup', () => {
  const [[, , direct]] = all[0];
  const late = (millis) => ({
    ...direct,
    ticks: direct.ticks.map(({ n }) => ({ n, sent: n * 100, at: n * 100 + 20 + (n > 46 ? millis : 0) })),
  });
  assert.deepEqual(judge(late(150)).warnings, []);
  assert.deepEqual(judge(late(151)).warnings, ['hiccups']);
});

test('longestStall_isTheLongest_or0', () => {
  assert.equal(longestStall({ stalls: [{ from: 5, to: 9 }, { from: 20, to: 31 }] }), 11);
  assert.equal(longestStall({ stalls: [] }), 0);
});
