import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ReadAhead } from '../../../webapp/js/server/read-ahead.js';

/** A stream of chunks of 10 bytes that counts those it has made, and may break after some. */
function source({ chunks = 1000, breaks = false } = {}) {
  const made = { count: 0, cancelled: false };
  const stream = new ReadableStream(
    {
      pull(to) {
        if (made.count < chunks) {
          to.enqueue(new Uint8Array(10).fill(made.count++));
        } else if (breaks) {
          to.error(new Error('broken off'));
        } else {
          to.close();
        }
      },
      cancel() {
        made.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { made, reader: stream.getReader() };
}

test('answer_thatIsTakenSlowly_isReadAheadAsFarAsThereIsRoom', async () => {
  const { made, reader } = source();
  const ahead = new ReadAhead(reader, 100);
  await setImmediate();
  assert.equal(made.count, 10);
  await ahead.read();
  await setImmediate();
  assert.equal(made.count, 11);
});

test('bytes_areToldInOrder_andThenTheEnd', async () => {
  const ahead = new ReadAhead(source({ chunks: 25 }).reader, 100);
  for (let at = 0; at < 25; at++) {
    const { done, value } = await ahead.read();
    assert.equal(done, false);
    assert.equal(value[0], at);
  }
  assert.equal((await ahead.read()).done, true);
  assert.equal((await ahead.read()).done, true);
});

test('whatCameBeforeABreak_isToldBeforeIt', async () => {
  const ahead = new ReadAhead(source({ chunks: 3, breaks: true }).reader, 100);
  await setImmediate();
  for (let at = 0; at < 3; at++) {
    assert.equal((await ahead.read()).value[0], at);
  }
  await assert.rejects(ahead.read(), /broken off/);
});

test('answer_thatIsCancelled_isReadNoFurther', async () => {
  const { made, reader } = source();
  const ahead = new ReadAhead(reader, 100);
  await setImmediate();
  await ahead.cancel();
  await setImmediate();
  assert.equal(made.cancelled, true);
  assert.equal(made.count, 10);
  assert.equal((await ahead.read()).done, true);
});
