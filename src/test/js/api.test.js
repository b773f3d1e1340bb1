import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Failure, complete, models } from '../../../webapp/js/server/api.js';

const SSE = { 'Content-Type': 'text/event-stream;charset=utf-8' };

/** The requests that were made, and what comes of the next one. */
let asked, answer;

beforeEach(() => {
  asked = [];
  globalThis.document = { querySelector: () => null, cookie: '' };
  globalThis.fetch = async (path, options) => {
    asked.push({ path, ...options });
    return answer();
  };
});

afterEach(() => {
  delete globalThis.document;
});

/** An answer of these events; the connection breaks behind them if that is wanted. */
function stream(events, { breaks = false, headers = SSE } = {}) {
  const text = events.map((event) => (typeof event === 'string' ? event : `data: ${JSON.stringify(event)}\n\n`)).join('');
  const chunks = [new TextEncoder().encode(text)];
  return () =>
    new Response(
      new ReadableStream({
        pull(to) {
          if (chunks.length > 0) {
            to.enqueue(chunks.pop());
          } else if (breaks) {
            to.error(new TypeError('network error'));
          } else {
            to.close();
          }
        },
      }),
      { headers },
    );
}

/** What is told of an answer, and how it ends: with the reason why the model stopped, or with a failure. */
async function read(signal = new AbortController().signal) {
  const told = [];
  const listener = {
    begun: ({ simulated }) => simulated && told.push('simulated'),
    text: (text) => told.push(`text ${text}`),
    reasoning: (text) => told.push(`thought ${text}`),
    toolCall: ({ name }) => told.push(`call ${name}`),
    usage: ({ total_tokens: total }) => told.push(`usage ${total}`),
    drawn: async () => told.push('drawn'),
  };
  const end = await complete({ model: 'test', messages: [] }, 'the-key', signal, listener).catch((failure) => failure);
  return { told, end };
}

const token = (content, finish = null) => ({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] });
const DONE = 'data: [DONE]\n\n';

/** The failure that an answer ends with. */
async function failure(...args) {
  answer = stream(...args);
  const { end } = await read();
  assert.ok(end instanceof Failure, String(end?.stack ?? end));
  return end;
}

test('question_isAskedForAStreamWithUsage_withTheKey', async () => {
  answer = stream([token('x', 'stop')]);
  await read();
  const [{ path, method, headers, body, cache }] = asked;
  assert.equal(`${method} ${path} ${cache}`, 'POST v1/chat/completions no-store');
  assert.equal(headers.Authorization, 'Bearer the-key');
  assert.deepEqual(JSON.parse(body), {
    model: 'test',
    messages: [],
    stream: true,
    stream_options: { include_usage: true },
  });
});

test('answer_isToldInTheOrderInWhichItComes', async () => {
  answer = stream(
    [
      ': keep-alive\n\n',
      { choices: [{ delta: { reasoning_content: 'hm' } }] },
      token('One'),
      { choices: [{ index: 1, delta: { content: 'another choice' } }] },
      { choices: [{ delta: { tool_calls: [{ index: 0, function: { name: 'f' } }] }, finish_reason: '' }] },
      token('', 'tool_calls'),
      { choices: [], usage: { total_tokens: 7 } },
      DONE,
      token('after the end'),
    ],
    { headers: { ...SSE, 'X-Sluice-Upstream': 'simulator' } },
  );
  assert.deepEqual(await read(), {
    told: ['simulated', 'thought hm', 'text One', 'call f', 'usage 7'],
    end: 'tool_calls',
  });
});

test('answer_withoutDone_isWholeIfTheModelSaidWhyItStopped', async () => {
  answer = stream([token('x'), token('', 'length')]);
  assert.equal((await read()).end, 'length');
});

test('answer_withoutAReason_isWholeAtDone_ifAnythingCame', async () => {
  answer = stream([token('x'), DONE]);
  assert.equal((await read()).end, null);
  assert.equal((await failure([DONE])).kind, 'broken-off');
});

test('answer_thatEndsWithoutEither_isBrokenOff_howeverItEnds', async () => {
  assert.equal((await failure([token('x')])).kind, 'broken-off');
  assert.equal((await failure([token('x')], { breaks: true })).kind, 'broken-off');
  assert.equal((await failure([token('x', 'stop')], { breaks: true })).kind, 'broken-off');
});

test('break_afterDone_isNone', async () => {
  answer = stream([token('x', 'stop'), DONE], { breaks: true });
  assert.equal((await read()).end, 'stop');
});

for (const [event, message] of [
  [{ error: { message: 'quota', type: 'requests', code: 429 } }, 'quota'],
  [{ error: 'quota' }, 'quota'],
  ['event: error\ndata: {"message":"quota"}\n\n', 'quota'],
  ['event: error\ndata: {"choices":[]}\n\n', ''],
  [{ choices: [{ delta: {}, error: { message: 'quota' } }] }, 'quota'],
]) {
  test(`error_${JSON.stringify(event)}_endsTheAnswer_whateverFollows`, async () => {
    const told = await failure([token('half'), event, token('x', 'stop'), DONE]);
    assert.equal(told.message, message);
  });
}

for (const event of [
  { detail: 'quota' },
  { error_type: 'overloaded', error_message: 'quota' },
  { code: 500, message: 'quota' },
  [{ error: { message: 'quota' } }],
]) {
  test(`flatError_${JSON.stringify(event)}_countsIfTheAnswerIsNotFinished`, async () => {
    assert.equal((await failure([token('half'), event, DONE])).message, 'quota');
    answer = stream([token('whole', 'stop'), event, DONE]);
    assert.equal((await read()).end, 'stop');
  });
}

test('emptyErrors_onAGoodChunk_areNone', async () => {
  answer = stream([{ ...token('x', 'stop'), error: {} }, DONE]);
  assert.equal((await read()).end, 'stop');
});

test('codeAndType_areWords_whateverTheServerSends', async () => {
  const { type, code } = await failure([{ error: { message: 'm', type: { odd: 1 }, code: 429 } }]);
  assert.deepEqual([type, code], [null, '429']);
});

test('refusal_isToldInTheServersWords', async () => {
  answer = () =>
    new Response('{"error":{"message":"Too many","type":"requests","code":"rate_limit"}}', {
      status: 429,
      headers: { 'Retry-After': '7' },
    });
  const { end } = await read();
  assert.deepEqual([end.message, end.status, end.type, end.code, end.retryAfter, end.kind], [
    'Too many',
    429,
    'requests',
    'rate_limit',
    7,
    undefined,
  ]);
});

test('refusal_saysWhenToAskAgain_toTheMillisecondIfTheServerDoes', async () => {
  const after = async (headers) => {
    answer = () => new Response('{"error":{"message":"Too many"}}', { status: 429, headers });
    const before = Date.now();
    const { end } = await read();
    return end.retryAt && Math.round((end.retryAt - before) / 1000);
  };
  assert.equal(await after({ 'Retry-After': '70' }), 70);
  assert.equal(await after({ 'Retry-After': '70', 'retry-after-ms': '60100' }), 60);
  assert.equal(await after({ 'Retry-After': 'Mon, 30 Nov 2026 12:00:00 GMT' }), undefined);
  assert.equal(await after({}), undefined);
});

test('refusal_withoutWords_isOfAKind', async () => {
  answer = () => new Response('<html>Bad gateway</html>', { status: 502, headers: { 'Retry-After': 'tomorrow' } });
  const { end } = await read();
  assert.deepEqual([end.message, end.status, end.retryAfter, end.kind], ['', 502, undefined, 'refused']);
});

test('answer_thatIsNoStream_isRefused', async () => {
  answer = () => new Response('{}', { headers: { 'Content-Type': 'application/json' } });
  assert.equal((await read()).end.kind, 'not-a-stream');
});

test('server_thatCannotBeReached_isAFailure_unlessTheQuestionWasTakenBack', async () => {
  answer = () => Promise.reject(new TypeError('Failed to fetch'));
  const { end } = await read();
  assert.deepEqual([end.kind, end.message], ['unreachable', 'Failed to fetch']);
  assert.equal((await read(AbortSignal.abort())).end.name, 'AbortError');
});

test('answer_takenBack_endsAtOnce_andNothingMoreIsTold', async () => {
  const abort = new AbortController();
  let cancelled = false;
  answer = () =>
    new Response(
      new ReadableStream({
        pull(to) {
          abort.abort();
          to.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(token('late'))}\n\n`));
        },
        cancel() {
          cancelled = true;
        },
      }),
      { headers: SSE },
    );
  const { told, end } = await read(abort.signal);
  assert.deepEqual(told, []);
  assert.equal(end.name, 'AbortError');
  assert.equal(cancelled, true);
});

test('eventLongerThanAnyImage_isTooLong', async () => {
  assert.equal((await failure([`data: ${'x'.repeat(16 * 1024 * 1024 + 1)}`])).kind, 'too-long');
});

test('models_areTheNamesInTheList_andWhatIsNoneIsPassedOver', async () => {
  answer = () => Response.json({ data: [{ id: 'one' }, { id: 7 }, { id: 'two' }] });
  assert.deepEqual(await models(null), ['one', 'two']);
  assert.deepEqual(asked[0].headers, {});
  answer = () => new Response('no json');
  assert.deepEqual(await models('k'), []);
  answer = () => Response.json({ error: { message: 'Which key?' } }, { status: 401 });
  await assert.rejects(models('k'), { message: 'Which key?', status: 401 });
});
