import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { parseBlocks, parseProse } from '../../../webapp/js/markdown/markdown-parser.js';
import { speakLanguage } from './support.js';

beforeEach(() => speakLanguage('en'));

/** The pieces of a text as one line: `tag.class(…)`, math in `⟦⟧`. */
function shown(text) {
  const { pieces, references } = parseBlocks(text, {}, 2);
  const inWords = (piece) => {
    if (piece.kind === 'text') {
      return piece.text;
    }
    if (piece.kind === 'math') {
      return `⟦${piece.text}⟧`;
    }
    const children = piece.kind === 'prose' ? parseProse(piece, references).pieces : (piece.children ?? []);
    const inner = piece.kind === 'code' ? piece.text : children.map(inWords).join('');
    return `${piece.tag}${piece.className ? `.${piece.className}` : ''}(${inner})`;
  };
  return pieces.map(inWords).join('');
}

/** The same of prose alone. */
const prose = (text) => shown(text).replace(/^p\(|\)$/g, '');

for (const [text, pieces] of [
  ['**bold** and *so* `code`', 'p(strong(bold) and em(so) code(code))'],
  ['a\\\nb\nc', 'p(abr()b\nc)'],
  ['# A\n\n### B\n\n# C', 'h3.h1(A)h4.h3(B)h3.h1(C)'], // no level is left out, after the page's own
  ['- a\n- b', 'ul.tight(li(p(a))li(p(b)))'],
  ['- a\n\n- b', 'ul(li(p(a))li(p(b)))'],
  ['> q', 'blockquote(p(q))'],
  ['```js\nlet a\n```', 'js(let a\n)'],
  ['---', 'hr()'],
  ['<b onclick="x()">raw</b>', 'p(<b onclick="x()">raw</b>)'],
  ['a\u202eb', 'p(aspan.bidi(U+202E)b)'],
]) {
  test(`text_${JSON.stringify(text)}_becomesItsPieces`, () => assert.equal(shown(text), pieces));
}

test('texts_thatStandSideBySide_areOnePiece', () => {
  const [{ text }, ...others] = parseProse(parseBlocks('a \\* b\n&amp; c', {}, 2).pieces[0], {}).pieces;
  assert.equal(text, 'a * b\n& c');
  assert.deepEqual(others, []);
});

// ---- Links and images.

const linkIn = (text) => parseProse(parseBlocks(text, {}, 2).pieces[0], {}).pieces[0];

test('link_leadsToTheWebOrAMailbox_inAWindowOfItsOwn', () => {
  const { tag, attributes } = linkIn('[words](https://example.org/a "why")');
  assert.equal(tag, 'a');
  assert.deepEqual(attributes, {
    href: 'https://example.org/a',
    title: 'why\nhttps://example.org/a',
    rel: 'noopener noreferrer nofollow',
    target: '_blank',
  });
  assert.equal(linkIn('[mail](mailto:a@example.org)').tag, 'a');
});

for (const target of [
  'javascript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  '/relative',
  '#fragment',
  'https://bank.example@evil.example/',
  'file:///etc/passwd',
]) {
  test(`link_to_${target}_isItsWordsAlone`, () => {
    const { tag, className, attributes } = linkIn(`[words](<${target}>)`);
    assert.equal(`${tag}.${className}`, 'span.no-link');
    assert.equal(attributes.href, undefined);
  });
}

test('link_whoseWordsPromiseAnotherHost_tellsItsOwn', () => {
  assert.equal(prose('[https://bank.example/x](https://evil.example/)'), 'a(https://bank.example/xspan.host( (evil.example)))');
  assert.equal(prose('[www.bank.example](https://bank.example/)'), 'a(www.bank.example)');
});

test('image_thatComesWithTheText_isShown_anyOtherIsALink', () => {
  assert.equal(linkIn('![x](data:image/png;base64,iVBORw0KGgo=)').tag, 'img');
  assert.equal(linkIn('![x](https://example.org/x.png)').tag, 'a');
  assert.equal(linkIn('![x](data:image/svg+xml;base64,PHN2Zz4=)').tag, 'span');
});

// ---- Formulas.

for (const [text, formulas] of [
  ['So \\(a_b\\) and $c^d$.', 'So ⟦a_b⟧ and ⟦c^d⟧.'],
  ['$5 and $6', '$5 and $6'],
  ['$HOME/$USER', '$HOME/$USER'],
  ['a$x$b, US$5 and $6', 'a$x$b, US$5 and $6'],
  ['函数$f(x)$，其中$x$是', '函数⟦f(x)⟧，其中⟦x⟧是'],
  ['设$x$和$y$为，一$a$、$b$。「$d$」', '设⟦x⟧和⟦y⟧为，一⟦a⟧、⟦b⟧。「⟦d⟧」'],
  ['令$n$为$2$人', '令⟦n⟧为⟦2⟧人'],
  ['関数$f$の値はカー$g$です', '関数⟦f⟧の値はカー⟦g⟧です'],
  ['값$x$는 $y$와', '값⟦x⟧는 ⟦y⟧와'],
  ['$面积=长×宽$，$速度$与$v$', '⟦面积=长×宽⟧，$速度$与⟦v⟧'],
  ['价格$5，成本$3。利润$2', '价格$5，成本$3。利润$2'],
  ['从$5到$10，花$5元，即$y=5$元', '从$5到$10，花$5元，即⟦y=5⟧元'],
  ['变量$PATH和$home', '变量$PATH和$home'],
  ['\\$5 and \\(x', '$5 and (x'],
]) {
  test(`formulasIn_${JSON.stringify(text)}_areThose_${formulas}`, () => assert.equal(prose(text), formulas));
}

test('formula_inLinesOfItsOwn_isOne_andUnclosedUntilABlankLine', () => {
  assert.equal(shown('$$\na = b\n$$\n\ntext'), '⟦a = b⟧p(text)');
  assert.equal(shown('\\[ a = b \\]'), '⟦a = b⟧');
  assert.equal(shown('\\[\na = b'), 'p(\\[\na = b)');
});

// ---- Footnotes and references.

test('footnotes_areParagraphsAsTheyWereWritten', () => {
  assert.equal(shown('a[^1]\n\n[^1]: Text\nlazy'), 'p(a[^1])p([^1]: Text\nlazy)');
  assert.equal(shown('a\n[^1]: Text'), 'p(a)p([^1]: Text)');
  assert.equal(shown('a\n    [^1]: of the same paragraph'), 'p(a\n[^1]: of the same paragraph)');
});

test('references_holdForWhatComes_andAreToldByLabel', () => {
  const { definitions, references } = parseBlocks('[a]: https://example.org/', {}, 2);
  assert.deepEqual(definitions.map(({ label, line }) => [label, line]), [['A', 0]]);
  const [piece] = parseBlocks('[a] [b]', references, 2).pieces;
  const { pieces, lookups } = parseProse(piece, references);
  assert.equal(pieces[0].tag, 'a');
  assert.ok(lookups.get('A'));
  assert.ok(lookups.has('B') && !lookups.get('B'));
});

// ---- What is made to hurt.

for (const opener of ['>', '[', '- ', '*a ', '**a', '`a``', '![', '((', '$', '\\(', '1) ', '|', '&', '<a:', '~~a_']) {
  test(`manyOpeners_${opener}_takeNoTime_andNestNoDeeperThanShown`, () => {
    const begin = performance.now();
    const { pieces } = parseBlocks(opener.repeat(10_000), {}, 2);
    const depth = (piece) => 1 + Math.max(0, ...(piece.children ?? []).map(depth));
    assert.ok(Math.max(0, ...pieces.map(depth)) < 100);
    pieces.filter(({ kind }) => kind === 'prose').forEach((piece) => parseProse(piece, {}));
    assert.ok(performance.now() - begin < 5_000, `${performance.now() - begin} ms`);
  });
}
