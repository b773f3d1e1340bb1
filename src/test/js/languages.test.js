import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grammarOf, languageName, neededGrammars } from '../../../webapp/js/markdown/languages.js';

for (const [info, name] of [
  ['js', 'js'],
  ['  Python title="x"', 'Python'],
  ['{.rust .numberLines}', 'rust'],
  ['c++', 'c++'],
  ['ts:src/main.ts', 'ts'],
  ['objective-c', 'objective-c'],
  ['', ''],
  ['<script>', ''],
  ['x'.repeat(31), ''],
]) {
  test(`fence_${JSON.stringify(info)}_isOf_${name || 'no language'}`, () => assert.equal(languageName(info), name));
}

test('languages_areKnownByAllTheirNames', () => {
  assert.equal(grammarOf('TSX'), 'typescript');
  assert.equal(grammarOf('c#'), 'csharp');
  assert.equal(grammarOf('awk'), 'awk');
  assert.equal(grammarOf('klingon'), null);
  assert.equal(grammarOf(''), null);
});

test('grammars_areNeededWithAllThatTheyContain_alsoInACircle', () => {
  assert.deepEqual([...neededGrammars('typescript')].sort(), ['css', 'graphql', 'javascript', 'typescript', 'xml']);
  assert.deepEqual([...neededGrammars('java')], ['java']);
});
