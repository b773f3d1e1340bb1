import { el } from '../base/dom.js';
import { loading, workSoon } from './frames.js';

const HOME = new URL('../../vendor/katex-0.19.1/', import.meta.url);

/** Longer formulas are shown as source. */
const LONGEST = 4000;

let katex = null;
let loaded = null;

/** A formula: its source, until KaTeX is there to set it. */
export class Formula {
  node;
  #tex;
  #display;

  /**
   * @param {string} tex
   * @param {string} source as it was written, delimiters and all
   * @param {string} tag of its element
   * @param {boolean} display in a line of its own
   */
  constructor(tex, source, tag, display) {
    this.#tex = tex;
    this.#display = display;
    this.node = el(tag, { class: display ? 'math display' : 'math', dir: 'ltr' }, source);
    if (display) {
      this.node.tabIndex = 0; // it may be wider than the page, and is scrolled by keys then
    }
    if (tex.length <= LONGEST) {
      if (katex === null) {
        loaded ??= loadKatex();
        loading(loaded.then(() => workSoon(this), () => {}));
      } else {
        workSoon(this);
      }
    }
  }

  step() {
    try {
      const tree = katex.__renderToDomTree(this.#tex, {
        displayMode: this.#display,
        output: 'htmlAndMathml',
        throwOnError: false,
        strict: 'ignore',
        trust: false,
        errorColor: 'var(--bad)',
        maxSize: 10, // em
        maxExpand: 500,
      });
      withoutStyleAttributes(tree);
      this.node.replaceChildren(tree.toNode());
      this.node.classList.add('set');
    } catch {
      // The formula is shown as source.
    }
    return false;
  }
}

async function loadKatex() {
  const sheet = document.createElement('link');
  sheet.rel = 'stylesheet';
  sheet.href = new URL('katex.min.css', HOME).href;
  const styled = new Promise((resolve) => {
    sheet.addEventListener('load', resolve);
    sheet.addEventListener('error', resolve);
  });
  document.head.append(sheet);
  try {
    [{ default: katex }] = await Promise.all([import('../../vendor/katex-0.19.1/katex.js'), styled]);
  } catch (error) {
    loaded = null; // so that the next formula tries again
    sheet.remove();
    throw error;
  }
}

/** The page's policy forbids them, and what KaTeX says by them (a colour, a shadow) is said by classes or not missed. */
function withoutStyleAttributes(tree) {
  if (tree.attributes) {
    delete tree.attributes.style;
  }
  tree.children?.forEach(withoutStyleAttributes);
}
