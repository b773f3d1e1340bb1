import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import {
  addMessage,
  choose,
  editMessage,
  interruptStreaming,
  isStreaming,
  merge,
  newConversation,
  path,
  regenerate,
  requestMessages,
  same,
  siblings,
  summaryOf,
  tidied,
  titleFrom,
} from '../../../webapp/js/conversations/conversation.js';
import { checked } from '../../../webapp/js/conversations/imported.js';
import { random } from './support.js';

/** Two questions with an answer each. */
let talk, first, answer, second, end;

beforeEach(() => {
  talk = newConversation({ system: 'Be brief', model: 'one', temperature: 0.5 });
  first = addMessage(talk, null, { role: 'user', content: 'first?' });
  answer = addMessage(talk, first.id, { role: 'assistant', content: 'first!', state: 'done' });
  second = addMessage(talk, answer.id, { role: 'user', content: 'second?' });
  end = addMessage(talk, second.id, { role: 'assistant', content: 'second!', state: 'done' });
});

/** The chosen path. */
const said = () =>
  path(talk)
    .map(({ content }) => content)
    .join(' ');

// ---- Branches.

test('questionEdited_isABranchBesideTheOldOne_whichCanBeChosenAgain', () => {
  assert.equal(said(), 'first? first! second? second!');
  const edited = editMessage(talk, first.id, 'other?');
  assert.equal(said(), 'other?');
  addMessage(talk, edited.id, { role: 'assistant', content: 'other!' });
  assert.equal(said(), 'other? other!');
  choose(talk, first.id);
  assert.equal(said(), 'first? first! second? second!');
  choose(talk, edited.id);
  assert.equal(said(), 'other? other!');
  assert.equal(siblings(talk, edited.id).index, 1);
});

test('answerAskedForAgain_standsBesideTheFirst', () => {
  const again = regenerate(talk, end.id, { model: 'two' });
  again.content = 'again!';
  assert.equal(said(), 'first? first! second? again!');
  assert.deepEqual(siblings(talk, again.id).ids, [end.id, again.id]);
  assert.equal(again.model, 'two');
});

test('operationsThatMakeNoSense_areRefused', () => {
  assert.throws(() => editMessage(talk, answer.id, 'mine now'), /is of the assistant, not of the user/);
  assert.throws(() => regenerate(talk, first.id), /is of the user, not of the assistant/);
  assert.throws(() => addMessage(talk, 'nobody', { role: 'user' }), /No message nobody/);
  assert.throws(() => choose(talk, '__proto__'), /No message __proto__/);
});

for (const seed of [1, 2, 3, 4, 5]) {
  test(`randomOperations_ofSeed${seed}_keepTheTreeSound`, () => {
    const next = random(seed);
    const below = (bound) => Math.floor(next() * bound);
    talk = newConversation();
    const seen = { added: 0, edited: 0, regenerated: 0, chosen: 0 };
    for (let step = 0; step < 600; step++) {
      const ids = Object.keys(talk.messages);
      const one = talk.messages[ids[below(ids.length)]];
      const what = below(11);
      let shown = null;
      if (!one || what < 5) {
        const role = one?.role === 'user' ? 'assistant' : 'user';
        shown = addMessage(talk, one ? one.id : null, { role, content: `${step}` });
        seen.added++;
      } else if (what < 7 && one.role === 'user') {
        shown = editMessage(talk, one.id, `edited ${step}`);
        seen.edited++;
      } else if (what < 9 && one.role === 'assistant') {
        shown = regenerate(talk, one.id);
        seen.regenerated++;
      } else {
        choose(talk, one.id);
        shown = one;
        seen.chosen++;
      }
      try {
        assert.ok(path(talk).includes(shown), 'what was done is not shown');
        if (step % 10 === 9) { // after each step would take seconds
          assertSound();
        }
      } catch (error) {
        throw new Error(`after step ${step}`, { cause: error });
      }
    }
    assert.ok(Object.values(seen).every((count) => count > 0), JSON.stringify(seen));
  });
}

function assertSound() {
  const all = Object.values(talk.messages);
  all.forEach(({ id, parent }) => {
    assert.ok(parent === null || Object.hasOwn(talk.messages, parent), 'a message has lost its parent');
    const { ids, index } = siblings(talk, id);
    assert.equal(ids[index], id, 'not among its siblings');
    assert.ok(ids.every((each) => talk.messages[each].parent === parent), 'siblings of another parent');
  });
  const choices = Object.entries(talk.chosen);
  choices.forEach(([parent, id]) => assert.equal(talk.messages[id]?.parent ?? 'root', parent, 'chosen'));
  const parents = new Set(all.map(({ parent }) => parent ?? 'root'));
  assert.equal(choices.length, parents.size, 'not everywhere is one chosen');
  const way = path(talk);
  way.forEach(({ parent }, index) => assert.equal(parent, index === 0 ? null : way[index - 1].id, 'a gap'));
  const last = way.at(-1);
  assert.ok(!all.some(({ parent }) => parent === last.id), 'the path ends early');
  checked(JSON.parse(JSON.stringify(talk)), 'it');
}

// ---- What another tab has made of it.

test('otherTabsTurn_isTakenOverAndShown_ifNothingIsBeingWrittenHere', () => {
  const other = structuredClone(talk);
  const third = addMessage(other, end.id, { role: 'user', content: 'third?' });
  merge(talk, structuredClone(other), () => false);
  assert.equal(said(), 'first? first! second? second! third?');
  assert.deepEqual(talk.messages[third.id], third);
});

test('otherTabsVersionOfAnAnswer_isKeptBeside_andHidesNoneThatIsBeingWrittenHere', () => {
  const other = structuredClone(talk);
  const theirs = regenerate(other, end.id);
  theirs.content = 'theirs';
  end.content = 'being written';
  merge(talk, structuredClone(other), (id) => id === end.id);
  assert.equal(said(), 'first? first! second? being written');
  assert.deepEqual(siblings(talk, end.id).ids, [end.id, theirs.id]);
});

test('messagesThatSayTheSame_stayTheSameObjects_andOnlyHere_stay', () => {
  const other = structuredClone(talk);
  other.messages[answer.id].content = 'changed';
  const mine = addMessage(talk, end.id, { role: 'user', content: 'mine' });
  merge(talk, other, () => false);
  assert.equal(talk.messages[first.id], first);
  assert.equal(talk.messages[answer.id].content, 'changed');
  assert.equal(path(talk).at(-1), mine);
});

test('versions_areTheSame_ifAllTheirFieldsAre', () => {
  assert.ok(same(end, structuredClone(end)));
  assert.ok(same({ stats: { pieces: 1 } }, { stats: { pieces: 1 } }));
  assert.ok(!same({ stats: { pieces: 1 } }, { stats: { pieces: 2 } }));
  assert.ok(!same({ ...end, finish: null }, end));
  assert.ok(!same(undefined, end));
});

// ---- What a model is asked with.

test('request_isTheSystemPromptAndThePathToTheLeaf_withoutEmptyAnswersAndReasoning', () => {
  editMessage(talk, first.id, 'elsewhere');
  Object.assign(end, { content: ' ', state: 'failed' });
  const third = addMessage(talk, end.id, { role: 'user', content: 'third?' });
  const partial = addMessage(talk, third.id, {
    role: 'assistant',
    content: 'As I was s',
    reasoning: 'hm',
    toolCalls: [{}],
    state: 'interrupted',
  });
  const fresh = regenerate(talk, partial.id);
  const toThird = [
    { role: 'system', content: 'Be brief' },
    { role: 'user', content: 'first?' },
    { role: 'assistant', content: 'first!' },
    { role: 'user', content: 'second?' },
    { role: 'user', content: 'third?' },
  ];
  const asked = { role: 'assistant', content: 'As I was s' };
  assert.deepEqual(requestMessages(talk, partial.id), [...toThird, asked]);
  assert.deepEqual(requestMessages(talk, fresh.id), toThird);
  assert.deepEqual(requestMessages(talk, first.id), toThird.slice(0, 2));
});

test('request_withoutSystemPrompt_hasNone', () => {
  talk.system = ' ';
  assert.deepEqual(requestMessages(talk, first.id), [{ role: 'user', content: 'first?' }]);
});

// ---- Answers that nobody writes any more, and what lists show.

test('answersBeingWritten_areMarkedAsInterrupted_andNoOthers', () => {
  assert.ok(!isStreaming(talk));
  assert.ok(!interruptStreaming(talk));
  end.state = 'streaming';
  assert.ok(isStreaming(talk));
  assert.ok(interruptStreaming(talk));
  assert.deepEqual([answer.state, end.state], ['done', 'interrupted']);
});

test('summary_showsHowTheLastMessageBeginsThatSaysAnything', () => {
  end.content = ' ';
  assert.equal(summaryOf(talk).preview, 'second?');
  second.content = `a\n\n b ${'x'.repeat(500)}`;
  assert.equal(summaryOf(talk).preview, `a b ${'x'.repeat(115)}…`);
  assert.equal(summaryOf(newConversation()).preview, '');
});

test('toolCallsWithGaps_areTidiedInNoTime_howeverFarApart', () => {
  const calls = [];
  calls[2] = { id: 'a' };
  calls[1_000_000_000] = { id: 'b' };
  calls[4] = null;
  assert.deepEqual(tidied(calls), [{ id: 'a' }, { id: 'b' }]);
});

for (const [text, title] of [
  ['# Hello **world**\nmore', 'Hello world'],
  ['\n \n- [ ] a', '[ ] a'],
  ['> 1. _Why_ [so](http://x/)?', 'Why so?'],
  ['```js\nlet a_b = c_d * e * f', 'let a_b = c_d * e * f'],
  ['`**`', '**'],
  [' \n\t\n', ''],
  ['x'.repeat(60), 'x'.repeat(60)],
  ['👩‍👩‍👧‍👦'.repeat(80), `${'👩‍👩‍👧‍👦'.repeat(59)}…`],
]) {
  test(`title_of_${JSON.stringify(text.slice(0, 40))}_isItsFirstLineThatSaysSomething_atMost60Characters`, () => {
    assert.equal(titleFrom(text), title);
  });
}
