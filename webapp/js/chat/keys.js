import { el, iconButton } from '../base/dom.js';
import { t } from '../base/i18n.js';

const MAC = /mac|iphone|ipad/i.test(navigator.platform);

/**
 * The shortcuts of the whole page, which the help dialog lists. `mod` is Ctrl, or Command on a Mac. None of them is a
 * shortcut of browsers or screen readers.
 */
const SHORTCUTS = [
  { name: 'new', keys: ['mod', 'Shift', 'O'] },
  { name: 'search', keys: ['mod', 'K'] },
  { name: 'stop', keys: ['Escape'] },
  { name: 'again', keys: ['mod', 'Shift', 'E'] },
  { name: 'copy', keys: ['mod', 'Shift', 'Y'] },
  { name: 'sidebar', keys: ['mod', 'Shift', 'S'] },
  { name: 'settings', keys: ['mod', ','] },
  { name: 'help', keys: ['mod', '/'] },
];

/** Shortcuts of single elements, which are only listed here. */
const ELSEWHERE = [
  { name: 'send', keys: ['Enter'] },
  { name: 'line', keys: ['Shift', 'Enter'] },
  { name: 'edit-last', keys: ['↑'] },
];

/**
 * @param {Object<string, function(): (boolean|void)>} actions by the names above; one that returns false has not taken
 *   the key
 */
export function listenForShortcuts(actions) {
  addEventListener('keydown', (event) => {
    const shortcut = SHORTCUTS.find(({ keys }) => isPressed(keys, event));
    const inDialog = document.querySelector('dialog[open]') !== null; // Escape closes it, and the rest is behind it
    if (shortcut && !event.defaultPrevented && !inDialog && actions[shortcut.name]?.() !== false) {
      event.preventDefault();
    }
  });
}

/** Opens the help sheet. @param {HTMLDialogElement} dialog */
export function showHelp(dialog) {
  const rows = [...ELSEWHERE, ...SHORTCUTS].flatMap(({ name, keys }) => [
    el('dt', {}, keys.flatMap((key, i) => [i ? ' + ' : null, el('kbd', {}, label(key))])),
    el('dd', {}, t(`keys.${name}`)),
  ]);
  dialog.replaceChildren(
    el(
      'div',
      { class: 'row dialog-head' },
      el('h2', { id: 'help-title' }, t('keys.title')),
      iconButton('close', t('page.close'), () => dialog.close()),
    ),
    el('dl', { class: 'shortcuts' }, rows),
    el('p', { class: 'quiet-text' }, t('keys.note')),
  );
  dialog.showModal();
}

function isPressed(keys, event) {
  const key = keys.at(-1);
  return (
    event.key.toLowerCase() === key.toLowerCase() &&
    (MAC ? event.metaKey : event.ctrlKey) === keys.includes('mod') &&
    (event.shiftKey === keys.includes('Shift') || key === '/') && // which many keyboards have behind Shift
    !event.altKey
  );
}

function label(key) {
  if (key === 'mod') {
    return MAC ? '⌘' : t('keys.ctrl');
  }
  return { Escape: t('keys.escape'), Shift: t('keys.shift'), Enter: t('keys.enter') }[key] ?? key;
}
