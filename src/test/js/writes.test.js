import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { addMessage, newConversation } from '../../../webapp/js/conversations/conversation.js';
import { Writes } from '../../../webapp/js/conversations/writes.js';
import './support.js';

/** The writes that were begun, each with the messages that had changed; the test says how each ends. */
let begun, told, writes, talk, first, second;

const settle = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  begun = [];
  told = [];
  writes = new Writes(
    (conversation, changed) => {
      const write = { title: conversation.title, changed, ...Promise.withResolvers() };
      begun.push(write);
      return write.promise;
    },
    (answer) => {
      told.push(answer);
      return true;
    },
  );
  talk = newConversation();
  first = addMessage(talk, null, { role: 'user', content: 'first?' });
  second = addMessage(talk, first.id, { role: 'assistant', content: 'first!' });
});

function put(title, atOnce = false) {
  talk.title = title;
  return writes.put(talk, atOnce);
}

/** Puts a conversation and has it written. */
async function written() {
  const kept = put('');
  begun.at(-1).resolve();
  await kept;
  begun = [];
}

test('putsWhileOneIsUnderWay_becomeOneOfTheNewest_andAllAreToldWhenItIsWritten', async () => {
  const puts = [put('1'), put('2'), put('3')];
  assert.deepEqual(begun.map(({ title }) => title), ['1']);
  begun[0].resolve('one');
  assert.equal(await puts[0], true);
  assert.deepEqual(begun.map(({ title }) => title), ['1', '3']);
  assert.deepEqual(told, ['one']);
  begun[1].resolve('three');
  assert.deepEqual(await Promise.all(puts.slice(1)), [true, true]);
  assert.deepEqual(told, ['one', 'three']);
  assert.equal(writes.isUnderWay(talk.id), false);
});

test('put_atOnce_doesNotWait_andWhatWaited_isWrittenAfterTheLastOfThem', async () => {
  put('1');
  put('2');
  put('3', true);
  assert.deepEqual(begun.map(({ title }) => title), ['1', '3']);
  begun[0].resolve();
  await settle();
  assert.equal(begun.length, 2);
  begun[1].resolve();
  await settle();
  assert.equal(begun.length, 3);
});

test('whatWaits_isWrittenNow_ifItIsAskedFor_andOnce', async () => {
  put('1');
  const waiting = put('2');
  writes.writeNow('another');
  assert.equal(begun.length, 1);
  writes.writeNow(talk.id);
  writes.writeAll();
  assert.equal(begun.length, 2);
  begun.forEach(({ resolve }) => resolve());
  assert.equal(await waiting, true);
  assert.equal(begun.length, 2);
});

test('whatIsDropped_isNotWritten_andWhoPutIt_isTold', async () => {
  const under = put('1');
  const waiting = put('2');
  writes.drop(talk.id);
  assert.equal(await waiting, false);
  begun[0].resolve();
  assert.equal(await under, true);
  await settle();
  assert.equal(begun.length, 1);
});

test('messagesThatHaveChanged_areWritten_andNoOthers', async () => {
  put('');
  assert.deepEqual(begun[0].changed, [first, second]);
  begun[0].resolve();
  await settle();
  second.content = 'more of it';
  put('');
  assert.deepEqual(begun[1].changed, [second]);
  begun[1].resolve();
  await settle();
  put('');
  assert.deepEqual(begun[2].changed, []);
});

test('conversationThatWasRead_needNotBeWritten_untilItIsForgotten', () => {
  writes.read(talk);
  put('', true);
  writes.forget(talk);
  put('', true);
  put('', true);
  writes.forgetAll();
  put('', true);
  assert.deepEqual(begun.map(({ changed }) => changed.length), [0, 2, 0, 2]);
});

test('toolCallsThatWereRead_areTidied_beforeTheyAreCompared', () => {
  second.toolCalls = [null, { id: 'a' }];
  writes.read(talk);
  assert.deepEqual(second.toolCalls, [{ id: 'a' }]);
  put('');
  assert.deepEqual(begun[0].changed, []);
});

test('writeThatFails_isToldToWhoPutIt_andItsMessagesAreWrittenWithTheNext', async () => {
  await written();
  second.content = 'more of it';
  const refused = put('');
  begun[0].reject(new Error('no room'));
  await assert.rejects(refused, /no room/);
  assert.equal(writes.isRefused(second), true);
  assert.equal(writes.isRefused(first), false);
  put('');
  assert.deepEqual(begun[1].changed, [second]);
  begun[1].resolve();
  await settle();
  assert.equal(writes.isRefused(second), false);
});

test('writeThatFails_holdsUpNoneThatWaits', async () => {
  const refused = put('1');
  const waiting = put('2');
  begun[0].reject(new Error('no room'));
  await assert.rejects(refused, /no room/);
  begun[1].resolve();
  assert.equal(await waiting, true);
});
