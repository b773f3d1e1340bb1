import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeSilences } from '../../../webapp/js/doctor/silences.js';

const cutAfter = (after) => ({ verdict: 'cut', reason: 'silence', after });
const whole = { verdict: 'inconclusive', reason: 'few', after: null };
const runs = (...founds) => founds.map((found, i) => ({ seconds: i < 2 ? 65 : 105, heartbeat: i % 2 === 1, found }));

for (const [name, expected, made, heartbeat] of [
  ['nothing cut', 'held null', runs(whole, whole, whole, whole), 15000],
  ['cut after 60 s, kept by heartbeats', 'saved 20', runs(cutAfter(60e3), whole, cutAfter(60e3), whole), 15000],
  ['cut after 100 s, kept by heartbeats', 'saved 30', runs(whole, whole, cutAfter(100e3), whole), 15000],
  ['cut before the first heartbeat', 'sparse 2', runs(...Array(4).fill(cutAfter(8e3))), 15000],
  [
    'cut after a minute in all',
    'unheeded 15',
    runs(cutAfter(59e3), cutAfter(14e3), cutAfter(59e3), cutAfter(14e3)),
    15000,
  ],
  ['not to be reached', 'failed null', runs(whole, { verdict: 'blocked' }, whole, whole), 15000],
  ['stopped', 'partial null', runs(whole, whole, { verdict: 'stopped' }, whole), 15000],
  [
    'cut, and not tried with heartbeats',
    'partial 1',
    runs(cutAfter(4e3), whole).map((run) => ({ ...run, heartbeat: false })),
    15000,
  ],
]) {
  test(`silences_${name}_are ${expected}`, () => {
    const said = judgeSilences(made, heartbeat);
    assert.equal(`${said.verdict} ${said.recommended}`, expected, JSON.stringify(said));
  });
}

test('heartbeats_thatWereNeverDue_areSaidToBeMoot', () => {
  assert.equal(judgeSilences(runs(whole, whole), 65_000).moot, true);
  assert.equal(judgeSilences(runs(whole, whole), 64_999).moot, false);
});
