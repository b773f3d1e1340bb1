import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completed, decided } from '../../../webapp/js/markdown/unfinished.js';

/** Prose that breaks off there, and what is shown of it. */
for (const [text, shown] of [
  ['some **bold', 'some **bold**'],
  ['some **', 'some '],
  ['some *a **b', 'some *a **b***'],
  ['`code', '`code`'],
  ['``co`', '``co` ``'],
  ['a `', 'a '],
  ['`a` b', '`a` b'],
  ['**a** b', '**a** b'],
  ['snake_case_name', 'snake_case_name'],
  ['2 * 3 * 4', '2 * 3 * 4'],
  ['\\*not', '\\*not'],
  ['~~gone', '~~gone~~'],
  ['~ about', '~ about'],
  ['~about 5', '~about 5'],
  ['a [link](https://x.exam', 'a link'],
  ['an ![image](https://x', 'an image'],
  ['a [', 'a '],
  ['`[a](b` c', '`[a](b` c'],
  ['`a` [b](c', '`a` b'],
  ['**trailing ', '**trailing**'],
]) {
  test(`prose_${JSON.stringify(text)}_isShownAs_${JSON.stringify(shown)}`, () => assert.equal(completed(text), shown));
}

test('prose_longerThanThat_isShownAsItIs', () => {
  assert.equal(completed(`**${'x'.repeat(20_000)}`), `**${'x'.repeat(20_000)}`);
});

/** A last line that may become something else, and one that may not. */
for (const [text, shown] of [
  ['text\n#', 'text\n'],
  ['text\n---', 'text\n'],
  ['text\n1', 'text\n'],
  ['text\n- [x', 'text\n'],
  ['text\n```js', 'text\n'],
  ['text\n> ~~~', 'text\n'],
  ['text\n# a', 'text\n# a'],
  ['text\n- a', 'text\n- a'],
  ['text\n1st', 'text\n1st'],
  ['text\n', 'text\n'],
]) {
  test(`lines_${JSON.stringify(text)}_areDecidedUpTo_${JSON.stringify(shown)}`, () => assert.equal(decided(text), shown));
}
