import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { markdownOf } from '../../../webapp/js/conversations/as-markdown.js';
import { addMessage, newConversation, regenerate } from '../../../webapp/js/conversations/conversation.js';
import { speakLanguage } from './support.js';

beforeEach(() => speakLanguage('en'));

test('conversation_isItsChosenPathToBeRead', () => {
  const talk = newConversation({ system: 'Be brief', model: 'one' });
  const first = addMessage(talk, null, { role: 'user', content: 'first?' });
  const answer = addMessage(talk, first.id, { role: 'assistant', content: 'first!', state: 'done' });
  const second = addMessage(talk, answer.id, { role: 'user', content: 'second?' });
  const hidden = addMessage(talk, second.id, { role: 'assistant', content: 'hidden', state: 'done' });
  regenerate(talk, hidden.id, {
    model: 'two',
    reasoning: 'Hm.\n\nWell.',
    content: 'So:\n```js\nlet a',
    state: 'failed',
    toolCalls: [{ id: 'call' }],
    error: { message: 'cut', status: 502, retryAfter: 2 },
  });
  Object.assign(talk, { title: 'Ein *Titel* \u2028 <script>', created: 0 });
  const day = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' }).format(0);
  assert.equal(
    markdownOf(talk),
    `# Ein *Titel* <script>

- Begun: ${day}
- Model: one

## System prompt

> Be brief

## You

first?

## Assistant

first!

## You

second?

## Assistant (two)

> **Reasoning**
>
> Hm.
>
> Well.

So:
\`\`\`js
let a
\`\`\`

Tool calls:

\`\`\`json
[
  {
    "id": "call"
  }
]
\`\`\`

*The answer failed: cut (status 502) Try again in 2 seconds.*
`,
  );
});

test('answerThatWasStopped_saysSo_andOneThatIsEmptyHasNothingElse', () => {
  const talk = newConversation();
  const first = addMessage(talk, null, { role: 'user', content: 'first?' });
  addMessage(talk, first.id, { role: 'assistant', content: ' ', state: 'stopped' });
  assert.match(markdownOf(talk), /\n## Assistant\n\n\*[^*\n]+\*\n$/);
});
