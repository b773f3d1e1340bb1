import { el } from './dom.js';
import { newId } from './id.js';

/**
 * Asks for confirmation of an action that cannot be undone. The button that cancels it has the focus.
 *
 * @param {{title: string, text: string, action: string, cancel: string}} words
 * @returns {Promise<boolean>} whether to go on
 */
export function confirmed({ title, text, action, cancel }) {
  const name = `confirm-${newId()}`;
  const answer = (value) => () => dialog.close(value);
  const dialog = el(
    'dialog',
    { 'aria-labelledby': name, 'aria-describedby': `${name}-text`, class: 'confirm' },
    el('h2', { id: name }, title),
    el('p', { id: `${name}-text` }, text),
    el(
      'div',
      { class: 'row confirm-answers' },
      el('button', { type: 'button', autofocus: true, on: { click: answer('') } }, cancel),
      el('button', { type: 'button', class: 'danger', on: { click: answer('go') } }, action),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'go');
    });
  });
}
