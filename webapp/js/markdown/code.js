import { el, icon } from '../base/dom.js';
import { t } from '../base/i18n.js';
import { spellOut } from './bidi.js';
import { loading, workSoon } from './frames.js';
import { highlighted, isLoaded, load } from './highlight.js';
import { grammarOf } from './languages.js';
import { addCode } from './pieces.js';
import { Segments } from './segments.js';

/** The number of lines of one block, because a browser lays out a whole block again when a line is added. */
const GROUP_LINES = 40;

/** A block of code that grows at its end, is coloured line by line as it does, and can be copied. */
export class CodeBlock {
  /** The `<figure>`. */
  node;
  #text = '';
  #closed = false;
  #grammar;
  #segments;
  #code = el('code');
  #group = null;
  #groupLines = 0;
  /** What is not yet cut off for good: coloured for the time being up to `#tried`, then plain. */
  #pending = el('span', { class: 'lines' });
  #plain = document.createTextNode('');
  #tried = 0;
  #finished = false;

  /** @param {string} language as in `languageName`, for people; empty if it is not known */
  constructor(language) {
    this.#grammar = grammarOf(language);
    this.node = el(
      'figure',
      { class: 'code', dir: 'ltr' },
      el('figcaption', {}, el('span', { class: 'language' }, language), this.#copyButton()),
      el('pre', { tabIndex: 0 }, this.#code),
    );
    this.#pending.append(this.#plain);
    this.#begin();
    if (this.#grammar !== null && !isLoaded(this.#grammar)) {
      const loaded = load(this.#grammar).catch(() => {
        this.#grammar = null;
        this.#begin();
      });
      loading(loaded.then(() => workSoon(this)));
    }
  }

  /**
   * @param {string} text the code, all of it so far
   * @param {boolean} closed whether that is all of it
   */
  update(text, closed) {
    if (text === this.#text && closed === this.#closed) {
      return;
    }
    if (!text.startsWith(this.#text.slice(0, this.#tried))) {
      this.#begin();
    }
    this.#text = text;
    this.#closed = closed;
    if (this.#finished) {
      this.#finished = false;
      this.#tried = this.#segments.begin;
      this.#pending.replaceChildren(this.#plain);
    }
    this.#showPlain();
    workSoon(this);
  }

  /** Highlights the next segment. */
  step() {
    if (this.#finished || (this.#grammar !== null && !isLoaded(this.#grammar))) {
      return false;
    }
    const begin = this.#segments.begin;
    const segment = this.#segments.next(this.#text);
    if (segment !== null) {
      if (segment.final) {
        this.#commit(segment.tree, this.#text.slice(begin, segment.end));
      }
      this.#tried = segment.end;
      this.#pending.replaceChildren(...(segment.final ? [] : nodesOf(segment.tree)), this.#plain);
      this.#showPlain();
      return true;
    }
    if (this.#closed) {
      this.#finish();
    }
    return false;
  }

  #begin() {
    this.#segments = new Segments(this.#grammar, highlighted);
    this.#group = null;
    this.#tried = 0;
    this.#finished = false;
    this.#pending.replaceChildren(this.#plain);
    this.#code.replaceChildren(this.#pending);
  }

  #showPlain() {
    const text = spellOut(this.#text.slice(this.#tried));
    const shown = this.#plain.data;
    if (text.length > shown.length && text.startsWith(shown)) {
      this.#plain.appendData(text.slice(shown.length));
    } else if (text !== shown) {
      this.#plain.data = text;
    }
  }

  #commit(tree, text) {
    if (this.#group === null || this.#groupLines >= GROUP_LINES) {
      this.#group = el('span', { class: 'lines' });
      this.#groupLines = 0;
      this.#pending.before(this.#group);
    }
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) {
      this.#groupLines++;
    }
    for (const node of nodesOf(tree)) {
      const last = this.#group.lastChild;
      if (node.nodeType === Node.TEXT_NODE && last?.nodeType === Node.TEXT_NODE) {
        last.appendData(node.data);
      } else {
        this.#group.append(node);
      }
    }
  }

  #finish() {
    this.#finished = true;
    this.#tried = this.#text.length;
    this.#plain.data = '';
    this.#pending.replaceChildren(...nodesOf(this.#segments.rest(this.#text)));
    if (!this.#pending.hasChildNodes()) {
      this.#pending.append(this.#plain);
    }
  }

  #copyButton() {
    const words = el('span', {}, t('answer.copy'));
    const button = el('button', { type: 'button', class: 'quiet copy' }, icon('copy'), words);
    button.addEventListener('click', async () => {
      const copied = await copyText(this.#text.replace(/\n$/, ''), button);
      words.textContent = t(copied ? 'answer.copied' : 'answer.not-copied');
      words.setAttribute('role', 'status');
      setTimeout(() => {
        words.removeAttribute('role');
        words.textContent = t('answer.copy');
      }, 2000);
    });
    return button;
  }
}

/**
 * Copies to the clipboard, also where the page has no right to (it came over plain HTTP).
 *
 * @param {string} text
 * @param {HTMLElement} focused what shall have the focus afterwards
 * @returns {Promise<boolean>} whether it is there
 */
export async function copyText(text, focused) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = el('textarea', { class: 'visually-hidden', readOnly: true, value: text });
    focused.after(field);
    field.select();
    const copied = document.execCommand('copy');
    field.remove();
    focused.focus();
    return copied;
  }
}

function nodesOf(tree) {
  const nodes = [];
  for (const child of tree.slice(1)) {
    if (typeof child === 'string') {
      nodes.push(...textNodes(child));
    } else {
      nodes.push(el('span', { class: child[0] }, ...nodesOf(child)));
    }
  }
  return nodes;
}

function textNodes(text) {
  const pieces = [];
  addCode(pieces, text);
  return pieces.map((piece) =>
    piece.kind === 'text'
      ? document.createTextNode(piece.text)
      : el('span', { class: piece.className, ...piece.attributes }, piece.children[0].text),
  );
}
