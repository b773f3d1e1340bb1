import assert from 'node:assert/strict';
import { test } from 'node:test';
import { piecesOf } from '../../../webapp/js/server/delta.js';

/** What a delta says, and what it thinks. */
for (const [delta, text, reasoning] of [
  [{ content: 'x' }, 'x', ''],
  [{ content: [{ type: 'text', text: 'x' }, { type: 'text', text: 'y' }] }, 'xy', ''],
  [{ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 't' }] }] }, '', 't'],
  [{ content: '', reasoning_content: '', reasoning: 't' }, '', 't'],
  [{ content: '', reasoning_content: 't', reasoning: '' }, '', 't'],
  [{ reasoning_content: 't', reasoning: 't' }, '', 't'],
  [{ content: null, refusal: 'no' }, 'no', ''],
  [{ content: { text: 'x' }, reasoning: ['t'] }, '', ''],
  [{ content: [null, 'x', 3, { text: 4 }, { thinking: 't' }] }, '', ''],
  [null, '', ''],
  [[7], '', ''],
]) {
  test(`delta_${JSON.stringify(delta)}_isReadAsTheServerReadsIt`, () => {
    const pieces = piecesOf(delta);
    assert.equal(pieces.text, text);
    assert.equal(pieces.reasoning, reasoning);
  });
}

test('callOfTheOldWay_isOneWithTheIndex0', () => {
  assert.deepEqual(piecesOf({ function_call: { name: 'f', arguments: '{' } }).toolCalls, [
    { name: 'f', arguments: '{', whole: false, index: 0, id: '' },
  ]);
});
