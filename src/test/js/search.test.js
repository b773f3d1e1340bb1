import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addMessage, editMessage, newConversation, path } from '../../../webapp/js/conversations/conversation.js';
import { folded, found, wordsOf } from '../../../webapp/js/conversations/search.js';
import './support.js';

function talk(title, ...contents) {
  const conversation = newConversation();
  conversation.title = title;
  contents.reduce((parent, content) => addMessage(conversation, parent, { role: 'user', content }).id, null);
  return conversation;
}

const sweets = talk('sweets', 'Où est la Crème brûlée?', 'Burnt.');
const street = talk('street', 'Die Straße', 'ὁδός\n\nwide');
const capital = talk('capital', 'a hidden branch', '');
editMessage(capital, path(capital)[0].id, '日本の首都は？');

for (const [query, conversation, snippet] of [
  ['creme BRULEE', sweets, 'Où est la Crème brûlée?'],
  ['brulee burnt', sweets, 'Où est la Crème brûlée?'],
  ['STRASSE', street, 'Die Straße'],
  ['ΟΔΟΣ', street, 'ὁδός wide'],
  ['ｗｉｄｅ', street, 'ὁδός wide'],
  ['首都', capital, '日本の首都は？'],
  ['hidden branch', capital, 'a hidden branch'],
  ['sweets', sweets, 'sweets'],
]) {
  test(`words_${query}_areFoundInOneConversation_inTitlesAndAllBranches`, () => {
    for (const each of [sweets, street, capital]) {
      assert.equal(found(each, wordsOf(query)), each === conversation ? snippet : null, each.title);
    }
  });
}

for (const query of ['creme 首都', 'nothing', '  ']) {
  test(`words_${JSON.stringify(query)}_areFoundNowhere`, () => {
    for (const each of [sweets, street, capital]) {
      assert.equal(found(each, wordsOf(query)), null, each.title);
    }
  });
}

test('query_isAtMost16WordsWithoutRepetition', () => {
  assert.deepEqual(wordsOf(' b  A\nb a '), ['b', 'a']);
  assert.equal(wordsOf(Array.from({ length: 99 }, (_, at) => `w${at}`).join(' ')).length, 16);
});

test('marksThatMakeOtherLetters_areKept', () => {
  assert.notEqual(folded('が'), folded('か'));
  assert.equal(folded('Ångström'), 'angstrom');
});

test('snippet_isTheNeighbourhoodOfTheWord_alsoWhereFoldingChangesLengths', () => {
  const text = `${'ﬃ ß é 👍 '.repeat(500)}here is the Needle in it ${'ﬃ ß 👍 '.repeat(500)}`;
  const snippet = found(talk('', text), wordsOf('NEEDLE'));
  assert.match(snippet, /^….*here is the Needle in it.*…$/u);
  assert.ok(snippet.length < 130, snippet);
  assert.ok(snippet.isWellFormed?.() ?? true, 'no surrogate pair is parted');
});
