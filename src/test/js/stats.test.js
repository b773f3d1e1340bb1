import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Stopwatch, inWords } from '../../../webapp/js/chat/stats.js';
import { speakLanguage } from './support.js';

let now;

beforeEach(() => {
  speakLanguage('en');
  now = 1_000;
  mock.method(performance, 'now', () => now);
});

afterEach(() => mock.restoreAll());

test('clock_tellsTheFirstToken_theThinking_andTheWhole', () => {
  const clock = new Stopwatch();
  assert.deepEqual(clock.stats(), { durationMs: 0, pieces: 0 });
  now += 100;
  clock.piece(true);
  now += 400;
  assert.equal(clock.stats().thinkingMs, 400, 'it still thinks');
  clock.piece(false);
  now += 1_000;
  clock.piece(false);
  clock.used({ prompt_tokens: 7, completion_tokens: 5, total_tokens: 12, completion_tokens_details: { reasoning_tokens: 2 } });
  assert.deepEqual(clock.stats(), {
    firstTokenMs: 100,
    thinkingMs: 400,
    durationMs: 1_500,
    promptTokens: 7,
    completionTokens: 5,
    reasoningTokens: 2,
    totalTokens: 12,
    pieces: 3,
  });
});

test('countsThatAreNone_areLeftOut', () => {
  const clock = new Stopwatch();
  clock.used({ prompt_tokens: '7', completion_tokens: -1, total_tokens: NaN });
  assert.deepEqual(Object.keys(clock.stats()), ['durationMs', 'pieces']);
});

test('words_tellTheFirstToken_theRateAfterIt_andTheCounts', () => {
  const stats = { firstTokenMs: 1_000, durationMs: 3_000, promptTokens: 7, completionTokens: 131, pieces: 90 };
  assert.equal(inWords(stats), 'first token after 1.0 s · 65 tokens/s · tokens: 7 in, 131 out');
  assert.match(inWords({ ...stats, reasoningTokens: 5 }), /131 out · .*5/);
});

test('rate_countsThePieces_whereNobodyCountedTokens_andReasoningThatXaiCountsApart', () => {
  assert.match(inWords({ firstTokenMs: 0, durationMs: 2_000, pieces: 5 }), /2 tokens\/s/);
  const apart = { firstTokenMs: 0, durationMs: 1_000, promptTokens: 10, completionTokens: 1, totalTokens: 112 };
  assert.match(inWords(apart), /101 tokens\/s/);
});

test('rate_ofATimeTooShortToTell_isNotTold', () => {
  assert.doesNotMatch(inWords({ firstTokenMs: 100, durationMs: 250, pieces: 99 }), /tokens\/s/);
  assert.doesNotMatch(inWords({ firstTokenMs: 0, durationMs: 5_000, pieces: 1 }), /tokens\/s/);
  assert.equal(inWords(), '');
});
