import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Run } from '../../../webapp/js/chat/run.js';
import { Clock } from './support.js';

/** The answer that the test writes, and what its reader sees. */
let clock, stream, run, message, states, saved, end;

const settle = () => new Promise((resolve) => setImmediate(resolve));
const send = async (choice) => {
  stream.enqueue(new TextEncoder().encode(`data: ${JSON.stringify({ choices: [choice] })}\n\n`));
  await settle();
};

beforeEach(async () => {
  clock = new Clock();
  globalThis.document = { querySelector: () => null, cookie: '' };
  globalThis.fetch = async (path, { signal }) =>
    new Response(
      new ReadableStream({
        start(controller) {
          stream = controller;
          signal.addEventListener('abort', () => controller.error(signal.reason));
        },
      }),
      { headers: { 'Content-Type': 'text/event-stream' } },
    );
  message = { content: '' };
  states = [];
  saved = [];
  run = new Run(message, null, () => saved.push(structuredClone(message)));
  run.view = {
    entered: (state) => states.push(state),
    begun() {},
    text() {},
    reasoning() {},
    toolCalls() {},
    drawn: async () => {},
  };
  end = run.go({ model: 'test', messages: [] });
  await settle();
});

afterEach(() => {
  clock.restore();
  delete globalThis.document;
});

test('answer_goesThroughItsStates_andIsKept', async () => {
  await send({ delta: { reasoning: 'hm' } });
  await send({ delta: { content: 'One' } });
  await send({ delta: { content: ', two' }, finish_reason: 'stop' });
  stream.close();
  assert.equal(await end, null);
  assert.deepEqual(states, ['waiting', 'thinking', 'streaming', 'done']);
  assert.equal(message.content, 'One, two');
  assert.equal(message.reasoning, 'hm');
  assert.equal(message.finish, 'stop');
  assert.equal(saved.at(-1).state, 'done');
});

test('answer_isSavedEachSecond_asItStands', async () => {
  await send({ delta: { content: 'One' } });
  clock.tick(999);
  assert.equal(saved.length, 0);
  clock.tick(1);
  assert.deepEqual([saved.length, saved[0].content, saved[0].state], [1, 'One', 'streaming']);
  run.stop();
  await end;
});

test('answer_ofWhichNothingComesForFiveSeconds_hasStalled_untilMoreComes', async () => {
  await send({ delta: { content: 'One' } });
  clock.tick(5_000);
  assert.equal(run.state, 'stalled');
  await send({ delta: { content: ', two' } });
  assert.equal(run.state, 'streaming');
  run.stop();
  await end;
});

test('answer_thatIsStopped_keepsWhatHadCome', async () => {
  await send({ delta: { content: 'half' } });
  run.stop();
  assert.equal(await end, null);
  assert.deepEqual([message.content, message.state, message.error], ['half', 'stopped', undefined]);
});

test('answer_thatFails_keepsWhatHadCome_andWhyItFailed', async () => {
  await send({ delta: { content: 'half' } });
  stream.enqueue(new TextEncoder().encode('data: {"error":{"message":"quota","code":429}}\n\n'));
  await settle();
  clock.tick(50); // in case the page itself goes
  const failure = await end;
  assert.equal(failure.message, 'quota');
  assert.deepEqual([message.content, message.state, message.error.code], ['half', 'failed', '429']);
});

test('answer_longerThanThePageCanShow_fails', async () => {
  await send({ delta: { content: 'x'.repeat(2 * 1024 * 1024) } });
  assert.equal(message.content.length, 2 * 1024 * 1024);
  await send({ delta: { content: 'x' } });
  clock.tick(50);
  assert.equal((await end).kind, 'too-long');
  assert.equal(message.state, 'failed');
});
