import { el, icon, iconButton } from '../base/dom.js';
import { t } from '../base/i18n.js';

/** The time for which a button shows that its action is done, in milliseconds. */
const SAID_FOR = 1_500;

/** A button that copies a text and shows that it did. @param {function(): string} text */
export function copyButton(text) {
  const button = iconButton('copy', t('message.copy'), async () => {
    const done = await copied(text());
    show(done ? 'check' : 'close', t(done ? 'message.copied' : 'message.not-copied'));
    setTimeout(() => show('copy', t('message.copy')), SAID_FOR);
  });
  const show = (name, label) => {
    button.replaceChildren(icon(name));
    button.setAttribute('aria-label', label);
    button.title = label;
  };
  return button;
}

/**
 * Shows which version of a message is shown, with buttons for the others. Null if there is only one version.
 *
 * @param {{ids: string[], index: number}} siblings
 * @param {function(string): void} onChoose
 */
export function branchSwitch({ ids, index }, onChoose) {
  if (ids.length < 2) {
    return null;
  }
  const step = (name, label, to) =>
    iconButton(name, label, () => onChoose(ids[to]), { disabled: !(to in ids), dataset: { branch: name } });
  return el(
    'span',
    { class: 'branches', role: 'group', 'aria-label': t('message.versions') },
    step('left', t('message.earlier'), index - 1),
    el('span', {}, t('message.version', { index: index + 1, of: ids.length })),
    step('right', t('message.later'), index + 1),
  );
}

/** Copies a text. @returns {Promise<boolean>} whether the browser let us */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // forbidden, or the page did not come over https
  }
}
