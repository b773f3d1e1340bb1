import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { addMessage, newConversation, regenerate } from '../../../webapp/js/conversations/conversation.js';
import { conversationsFile } from '../../../webapp/js/conversations/conversations-file.js';
import { importFile } from '../../../webapp/js/conversations/exchange.js';
import { ImportError } from '../../../webapp/js/conversations/imported.js';
import { speakLanguage } from './support.js';

/** A conversation that has all that one can have. */
let talk, first, end, again;

/** What a store keeps, by id. */
let kept;

const store = {
  list: async () => Object.values(kept).map(({ id }) => ({ id })),
  restore: async (conversation) => {
    kept[conversation.id] = conversation;
  },
};

const file = (content) => new File([content], 'x.json');
const ours = async (...conversations) => (await conversationsFile(conversations)).text();

beforeEach(() => {
  speakLanguage('en');
  kept = {};
  talk = newConversation({ system: 'Be brief', model: 'one', temperature: 0.5 });
  first = addMessage(talk, null, { role: 'user', content: 'first?' });
  const answer = addMessage(talk, first.id, { role: 'assistant', content: 'first!', state: 'done' });
  const second = addMessage(talk, answer.id, { role: 'user', content: 'second?' });
  end = addMessage(talk, second.id, { role: 'assistant', content: 'second!', state: 'done' });
  again = regenerate(talk, end.id, { model: 'two', reasoning: 'Hm.\n\nWell.' });
  Object.assign(again, {
    content: 'So:\n```js\nlet a',
    state: 'stopped',
    finish: null,
    toolCalls: [{ id: 'call', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
    stats: { firstTokenMs: 12.5, pieces: 3, promptTokens: 7 },
    error: { message: 'cut', status: 502, type: 'upstream', code: 'broken', retryAfter: 2 },
  });
  Object.assign(talk, { title: 'Ein *Titel* \u2028 <script>', maxTokens: 99 });
});

test('exportedConversation_isImportedAsItWas', async () => {
  assert.deepEqual(await importFile(file(await ours(talk)), store), [talk.id]);
  assert.deepEqual(kept[talk.id], talk);
});

test('conversationWhoseNameIsTaken_getsAnother_andOverwritesNothing', async () => {
  const there = { id: talk.id };
  kept = { [talk.id]: there };
  const ids = await importFile(file(await ours(talk, talk)), store);
  assert.equal(new Set([talk.id, ...ids]).size, 3);
  assert.equal(kept[talk.id], there);
  assert.deepEqual({ ...kept[ids[0]], id: talk.id }, talk);
});

test('fileThatAnotherProgramFormatted_isImported', async () => {
  const pretty = JSON.stringify(JSON.parse(await ours(talk)), null, 2);
  await importFile(file(`\ufeff${pretty.replaceAll('\n', '\r\n')}`), store);
  assert.deepEqual(kept[talk.id], talk);
});

test('answerThatWasBeingWritten_isImportedAsInterrupted', async () => {
  again.state = 'streaming';
  await importFile(file(await ours(talk)), store);
  assert.equal(kept[talk.id].messages[again.id].state, 'interrupted');
});

test('gapsAndCodesThatAnOlderPageLeft_areNoFaultOfAFile', async () => {
  again.toolCalls = [null, null, { id: 'a', name: 'f', arguments: '{}' }];
  again.error.code = 429;
  await importFile(file(await ours(talk)), store);
  const { toolCalls, error } = kept[talk.id].messages[again.id];
  assert.deepEqual(toolCalls, [{ id: 'a', name: 'f', arguments: '{}' }]);
  assert.equal(error.code, '429');
});

test('failureOfTheStore_tellsHowManyWereKept', async () => {
  const full = {
    ...store,
    restore: async () => {
      throw new Error('no room');
    },
  };
  await assert.rejects(importFile(file(await ours(talk)), full), { constructor: ImportError, message: /no room/ });
});

const poisoned = (json) => JSON.parse(json);

/** Each is made of a sound export by one change; the answer must name the place and what is wrong there. */
for (const [change, fault] of [
  [({ f }) => (f.format = 'other'), 'does not hold conversations exported here'],
  [({ f }) => (f.version = 2), 'version 2'],
  [({ f }) => (f.conversations = {}), 'does not hold conversations'],
  [({ c }) => (c.version = 9), 'conversations[0].version: 9'],
  [({ c }) => (c.id = '../x'), 'conversations[0].id: "../x" cannot be a name'],
  [({ c }) => (c.id = 'constructor'), '"constructor" cannot be a name'],
  [({ c }) => (c.title = ['x']), 'conversations[0].title: ["x"]'],
  [({ c }) => (c.title = 'x'.repeat(2000)), 'longer than 1,000'],
  [({ c }) => (c.updated = 'now'), 'conversations[0].updated: "now"'],
  [({ c }) => (c.created = -1), 'conversations[0].created: -1'],
  [({ c }) => (c.temperature = 7), 'conversations[0].temperature: 7'],
  [({ c }) => (c.messages = [1]), 'conversations[0].messages: [1]'],
  [({ m }) => (m.role = 'system'), 'role: "system" is none of user, assistant'],
  [({ m }) => (m.content = { toString: 1 }), 'content: {"toString":1}'],
  [({ m }) => (m.id = 'other'), 'id: "other"'],
  [({ m }) => (m.state = 'odd'), 'state: "odd" is none of'],
  [({ m }) => (m.parent = 'gone'), 'there is no message gone'],
  [({ m }) => (m.parent = 'toString'), '"toString" cannot be a name'],
  [({ m, leaf }) => (m.parent = leaf), 'in a circle'],
  [({ m }) => (m.parent = m.id), 'in a circle'],
  [({ m }) => (m.stats = { firstTokenMs: '1' }), 'stats.firstTokenMs: "1"'],
  [({ m }) => (m.error = 'x'), 'error: "x"'],
  [({ m }) => (m.toolCalls = 'x'), 'toolCalls: "x"'],
  [({ m }) => (m.toolCalls = [[[]]]), 'toolCalls[0]: [[]]'],
  [({ m }) => (m.toolCalls = [poisoned(`${'{"d":'.repeat(99)}1${'}'.repeat(99)}`)]), 'deeper than 32'],
  [({ m }) => (m.toolCalls = [poisoned('{"__proto__": {"evil": 1}}')]), '__proto__ cannot be a name'],
  [({ c }) => (c.messages = poisoned('{"__proto__": {"id": "x"}}')), '"__proto__" cannot be a name'],
  [({ c, m }) => (c.messages.root = { ...m, id: 'root' }), '"root" cannot be a name'],
  [({ c, leaf }) => (c.chosen.root = leaf), 'chosen.root'],
  [({ c, leaf }) => (c.chosen.nobody = leaf), 'chosen.nobody'],
  [({ c }) => (c.chosen = poisoned('{"__proto__": "x"}')), 'chosen.__proto__'],
]) {
  test(`hostileFile_by ${change}_isRefusedWithTheFaultByName_andNothingOfItIsKept`, async () => {
    const f = JSON.parse(await ours(talk, { ...talk, id: 'second' }));
    const [c] = f.conversations;
    change({ f, c, m: c.messages[first.id], leaf: end.id });
    await assert.rejects(importFile(file(JSON.stringify(f)), store), (error) => {
      assert.ok(error instanceof ImportError, error.stack);
      assert.ok(error.message.includes(fault), error.message);
      return true;
    });
    assert.deepEqual(kept, {});
    assert.ok(!('evil' in {}), 'polluted');
  });
}

const head = '{"format":"sluice-conversations","version":1,"conversations":[';

for (const [content, fault] of [
  ['', /The file is empty/],
  ['no json', /not JSON/],
  ['[]', /does not hold conversations/],
  ['null', /does not hold conversations/],
  [`${head}\n{"a":1}`, /conversations\[0\]\.version/],
  [`${head}\n`, /breaks off/],
  [`${head}\n]}\nx`, /not JSON/],
  ['\u00ff', /not JSON/],
  [Uint8Array.of(123, 0xff, 0xfe), /cannot be read as text/],
]) {
  test(`brokenFile_${JSON.stringify(content)}_isRefused`, async () => {
    await assert.rejects(importFile(file(content), store), { constructor: ImportError, message: fault });
    assert.deepEqual(kept, {});
  });
}

test('largeFile_whoseLinesAreNotOurs_isRefused', async () => {
  const long = JSON.stringify({ ...JSON.parse(await ours(talk)), padding: 'x'.repeat(17 * 1024 * 1024) });
  await assert.rejects(importFile(file(long), store), { constructor: ImportError, message: /16 MB/ });
});
