import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { highlighted, load } from '../../../webapp/js/markdown/highlight.js';
import { Segments } from '../../../webapp/js/markdown/segments.js';
import { random } from './support.js';

before(() => Promise.all(['java', 'xml', 'python'].map(load)));

const JAVA = `/** A comment
 * of lines. */
final class Relay {
    private final String text = "a /* b";

    void run() {
        while (output.isReady()) { // never faster
            /* again
               and again */
            relay.write(output);
        }
    }
}
`.repeat(8);

const HTML = `<!doctype html>
<style>
  p { color: red }
</style>
<p title="x">text</p>
<script>
  const tick = "</p>"; // '
  go(\`a
  b\`);
</script>
<p>end</p>
`.repeat(4);

/** The text of a tree. */
const textOf = (tree) => (typeof tree === 'string' ? tree : tree.slice(1).map(textOf).join(''));

/** The final segments of code that comes in pieces, cut at random, each with its tree. */
function segmentsOf(code, grammar, seed) {
  const next = random(seed);
  const segments = new Segments(grammar, highlighted);
  const found = [];
  for (let at = 0; at < code.length; ) {
    at = Math.min(code.length, at + 1 + Math.floor(next() * 60));
    for (let segment = segments.next(code.slice(0, at)); segment !== null; segment = segments.next(code.slice(0, at))) {
      if (segment.final) {
        found.push(segment);
      }
    }
  }
  return { found, begin: segments.begin, rest: segments.rest(code) };
}

for (const [grammar, code] of [
  ['java', JAVA],
  ['xml', HTML],
  ['python', 'x = """a\n\nb"""\n'.repeat(40)],
  [null, JAVA],
]) {
  test(`segments_of_${grammar}_areTheSame_howeverTheCodeArrives_andNothingIsLost`, () => {
    const whole = segmentsOf(code, grammar, 1);
    assert.ok(whole.found.length > 3, `${whole.found.length} segments`);
    assert.equal(whole.found.map(({ tree }) => textOf(tree)).join('') + textOf(whole.rest), code);
    for (let seed = 2; seed <= 12; seed++) {
      assert.deepEqual(segmentsOf(code, grammar, seed), whole, `seed ${seed}`);
    }
  });
}

test('segment_endsWhereTheGrammarIsOutsideOfEverything', () => {
  const { found } = segmentsOf(JAVA, 'java', 1);
  const ends = found.map(({ end }) => JAVA.slice(0, end));
  assert.ok(ends.every((text) => text.endsWith('\n')));
  assert.ok(!ends.some((text) => text.endsWith('/* again\n')), 'cut within a comment');
});

test('scriptsWithinHtml_areColouredAsWhatTheyAre', () => {
  const { found } = segmentsOf(HTML, 'xml', 1);
  const names = JSON.stringify(found.map(({ tree }) => tree));
  assert.match(names, /"hljs-keyword","const"/);
  assert.match(names, /hljs-selector-tag|hljs-attribute/);
});

test('codeThatNeverEnds_isNotColouredInOneGo', () => {
  const code = `/* ${'x'.repeat(100)}\n`.repeat(200);
  const segments = new Segments('java', highlighted);
  let longest = 0;
  for (let begin = 0, segment = segments.next(code); segment !== null; segment = segments.next(code)) {
    longest = Math.max(longest, segment.end - begin);
    begin = segments.begin;
  }
  assert.ok(longest <= 8 * 1024 * 1.5, `${longest} characters`);
});
