import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Countdown } from '../../../webapp/js/chat/countdown.js';
import { Clock, speakLanguage } from './support.js';

const NOW = Date.UTC(2026, 10, 30);
const realNow = Date.now;

let clock, passed;

beforeEach(() => {
  speakLanguage('en');
  clock = new Clock();
  passed = 0;
  Date.now = () => NOW + passed;
  globalThis.document = {
    createElement: () => ({ setAttribute: () => {}, append: () => {}, textContent: '' }),
  };
});

afterEach(() => {
  clock.restore();
  Date.now = realNow;
  delete globalThis.document;
});

function pass(millis) {
  for (let left = millis; left > 0; left -= 1_000) {
    passed += Math.min(1_000, left);
    clock.tick(Math.min(1_000, left));
  }
}

test('countdown_keepsTheButtonDisabledUntilItIsOver_andSaysSoOnce', () => {
  const button = { disabled: false };
  const said = [];
  const { element } = new Countdown(NOW + 61_500, button, (words) => said.push(words));
  assert.deepEqual([element.textContent, button.disabled], ['You can ask again in 1 min 2 s.', true]);
  pass(60_000);
  assert.deepEqual([element.textContent, button.disabled, said], ['You can ask again in 2 s.', true, []]);
  pass(2_000);
  assert.deepEqual([element.textContent, button.disabled], ['You can ask again now.', false]);
  pass(10_000);
  assert.deepEqual(said, ['You can ask again now.']);
});

test('countdown_toATimeThatHasPassed_isOverAtOnce', () => {
  const button = { disabled: true };
  const { element } = new Countdown(NOW - 1, button, () => assert.fail('announced'));
  assert.deepEqual([element.textContent, button.disabled], ['You can ask again now.', false]);
  pass(2_000);
});

test('countdown_thatIsStopped_changesNothingAnyMore', () => {
  const button = { disabled: false };
  const countdown = new Countdown(NOW + 5_000, button, () => assert.fail('announced'));
  countdown.stop();
  pass(10_000);
  assert.equal(button.disabled, true);
});
