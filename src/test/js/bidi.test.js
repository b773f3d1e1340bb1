import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bidiName, cutCode, cutProse, spellOut } from '../../../webapp/js/markdown/bidi.js';

test('code_isCutAtWhateverTurnsItAround_proseAtOverridesAlone', () => {
  const text = 'a\u202eb\u200fc\u2067';
  assert.deepEqual(cutCode(text), ['a', '\u202e', 'b', '\u200f', 'c', '\u2067', '']);
  assert.deepEqual(cutProse(text), ['a', '\u202e', 'b\u200fc\u2067']);
  assert.deepEqual(cutCode('plain'), ['plain']);
});

test('charactersThatTurnTextAround_areSpeltOut', () => {
  assert.equal(bidiName('\u202e'), 'U+202E');
  assert.equal(spellOut('x\u061cy'), 'xU+061Cy');
});
