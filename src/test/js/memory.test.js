import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { addMessage, newConversation, summaryOf } from '../../../webapp/js/conversations/conversation.js';
import { Memory } from '../../../webapp/js/conversations/memory.js';
import './support.js';

let memory;

beforeEach(() => {
  memory = new Memory();
});

async function put(id, updated) {
  const conversation = { ...newConversation(), id, updated };
  addMessage(conversation, null, { role: 'user', content: id });
  conversation.updated = updated;
  await memory.put(conversation, summaryOf(conversation));
  return conversation;
}

test('conversations_areListedNewestFirst_andReadAsCopies', async () => {
  await put('a', 1);
  const newer = await put('b', 2);
  assert.deepEqual(
    (await memory.list()).map(({ id }) => id),
    ['b', 'a'],
  );
  newer.title = 'changed later';
  const read = await memory.get('b');
  assert.equal(read.title, '');
  read.title = 'changed there';
  assert.equal((await memory.get('b')).title, '');
});

test('change_isSeenInTheListToo', async () => {
  await put('a', 1);
  await memory.change('a', (record) => Object.assign(record, { title: 'new' }));
  await memory.change('nobody', () => assert.fail('there is none'));
  assert.equal((await memory.get('a')).title, 'new');
  assert.equal((await memory.list())[0].title, 'new');
});

test('batches_areAllConversationsOnce_alsoIfTheLastOneIsRemovedMeanwhile', async () => {
  for (const id of ['c', 'a', 'e', 'b', 'd']) {
    await put(id, 1);
  }
  const first = await memory.batch(null, 2);
  await memory.remove('b');
  const rest = [...(await memory.batch(first.at(-1).id, 2)), ...(await memory.batch('d', 2))];
  assert.deepEqual(
    [...first, ...rest].map(({ id }) => id),
    ['a', 'b', 'c', 'd', 'e'],
  );
  assert.deepEqual(await memory.batch('e', 2), []);
});

test('removed_isGone_andClear_leavesNothing', async () => {
  await put('a', 1);
  await put('b', 2);
  await memory.remove('a');
  assert.equal(await memory.get('a'), undefined);
  await memory.clear();
  assert.deepEqual(await memory.list(), []);
});
