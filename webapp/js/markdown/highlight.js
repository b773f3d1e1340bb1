import hljs from '../../vendor/highlight.js-11.12.0/core.min.js';
import { neededGrammars } from './languages.js';

/**
 * An emitter for highlight.js that builds a tree instead of HTML: a string is text, an array is `[class name, …children]`.
 */
class Tree {
  constructor() {
    this.root = [''];
    this.open = [this.root];
  }

  addText(text) {
    if (text !== '') {
      this.open.at(-1).push(text);
    }
  }

  startScope(scope) {
    const node = [className(scope)];
    this.open.at(-1).push(node);
    this.open.push(node);
  }

  endScope() {
    if (this.open.length > 1) {
      this.open.pop();
    }
  }

  /** Another name by which it is called. */
  openNode(scope) {
    this.startScope(scope);
  }

  closeNode() {
    this.endScope();
  }

  __addSublanguage(tree) {
    this.open.at(-1).push(...tree.root.slice(1));
  }

  finalize() {
    this.open.length = 1;
  }

  toHTML() {
    return '';
  }
}

hljs.configure({ __emitter: Tree });

const loads = new Map();
const loaded = new Set();

/** Whether {@link highlighted} knows the grammar by now. */
export function isLoaded(grammar) {
  return loaded.has(grammar);
}

/** @returns {Promise<void>} settles when the grammar is there; rejects if it cannot be had */
export function load(grammar) {
  if (!loads.has(grammar)) {
    const needed = [...neededGrammars(grammar)].map((name) => loadOne(name));
    loads.set(
      grammar,
      Promise.all(needed).then(
        () => loaded.add(grammar),
        (error) => {
          loads.delete(grammar); // so that the next block tries again
          throw error;
        },
      ),
    );
  }
  return loads.get(grammar);
}

/**
 * Highlights code that begins outside of strings, comments and the like.
 *
 * @returns {{tree: Array, ended: boolean}} `ended` if it ends outside of everything as well, so that what follows can
 *   be coloured without it
 */
export function highlighted(code, grammar) {
  const result = hljs.highlight(code, { language: grammar, ignoreIllegals: true });
  if (result.errorRaised) {
    return { tree: ['', code], ended: false };
  }
  return { tree: result._emitter.root, ended: !result._top.parent };
}

async function loadOne(name) {
  const { default: grammar } = await import(`../../vendor/highlight.js-11.12.0/languages/${name}.min.js`);
  if (!hljs.getLanguage(name)) {
    hljs.registerLanguage(name, grammar);
  }
}

/** `title.function` becomes `hljs-title function_`, as in highlight.js's own style sheets. */
function className(scope) {
  const [first, ...rest] = scope.split('.');
  return [`hljs-${first}`, ...rest.map((name, index) => name + '_'.repeat(index + 1))].join(' ');
}
