import { confirmed } from '../base/confirm.js';
import { el, icon } from '../base/dom.js';
import { t } from '../base/i18n.js';
import { exportAll, importFile } from './exchange.js';

/**
 * What can be done with all conversations together: import some, export all, delete all.
 *
 * @param {import('./store.js').Store} store
 * @param {{
 *   attempt: function(function(): Promise<void>): void,
 *   say: function(string): void,
 *   emptied: function(): void,
 * }} sidebar `attempt` does something that may fail
 * @returns {{element: HTMLElement, update: function(number): void}} `update` is told how many conversations there are
 */
export function sidebarActions(store, { attempt, say, emptied }) {
  let count = 0;
  const action = (name, words, style, run) =>
    el('button', { type: 'button', class: style, on: { click: () => attempt(run) } }, icon(name), words);
  const file = el('input', {
    type: 'file',
    accept: '.json,application/json',
    hidden: true,
    on: { change: () => attempt(readFile) },
  });
  const add = action('upload', t('sidebar.import'), 'quiet', () => file.click());
  const save = action('download', t('sidebar.exportAll'), 'quiet', () => exportAll(store));
  const remove = action('trash', t('sidebar.removeAll'), 'quiet side-danger', removeAll);

  async function readFile() {
    const [chosen] = file.files;
    if (!chosen) {
      return;
    }
    file.value = ''; // so that the same file can be chosen again
    add.disabled = true;
    say(t('sidebar.importing'));
    let said = '';
    try {
      said = t('sidebar.imported', { count: (await importFile(chosen, store)).length });
    } finally {
      add.disabled = false;
      add.focus();
      say(said);
    }
  }

  async function removeAll() {
    const sure = await confirmed({
      title: t('sidebar.removeAllTitle'),
      text: t('sidebar.removeAllText', { count }),
      action: t('sidebar.removeAllAction'),
      cancel: t('sidebar.cancel'),
    });
    if (sure) {
      await store.removeAll();
      emptied();
    }
  }

  return {
    element: el('div', { class: 'side-bottom' }, add, save, remove, file),
    update(now) {
      count = now;
      save.disabled = count === 0;
      remove.disabled = count === 0;
    },
  };
}
