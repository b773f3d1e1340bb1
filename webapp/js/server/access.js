import { el } from '../base/dom.js';
import { t } from '../base/i18n.js';
import { forgetAccessKey, keepAccessKey } from './key.js';

let asking = null;

/**
 * Asks the user for the access key that the server requires, and keeps it until the tab is closed. Calls while the dialog is
 * open get the same result.
 *
 * @param {string} why in the server's words
 * @returns {Promise<boolean>} whether there is a key to try now
 */
export function askForKey(why) {
  asking ??= ask(why).finally(() => {
    asking = null;
  });
  return asking;
}

function ask(why) {
  forgetAccessKey();
  const dialog = document.getElementById('access');
  const input = el('input', {
    id: 'access-key',
    type: 'password',
    required: true,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: false,
    'aria-describedby': 'access-hint access-why',
  });
  dialog.replaceChildren(
    el('h2', { id: 'access-title' }, t('access.title')),
    el('p', { id: 'access-why' }, why || t('access.why')),
    el(
      'form',
      { method: 'dialog', on: { submit: () => keepAccessKey(input.value.trim()) } },
      el('label', { for: 'access-key' }, t('access.key')),
      el('div', { class: 'row' }, input, el('button', { class: 'primary', value: 'use' }, t('access.use'))),
      el('p', { id: 'access-hint', class: 'quiet-text' }, t('access.hint')),
    ),
    el('button', { type: 'button', on: { click: () => dialog.close('') } }, t('access.cancel')),
  );
  dialog.returnValue = '';
  dialog.showModal();
  input.focus();
  return new Promise((answered) => {
    dialog.addEventListener('close', () => answered(dialog.returnValue === 'use'), { once: true });
  });
}
