import { el } from '../base/dom.js';
import { t } from '../base/i18n.js';

/** The content of an empty conversation. */
export function welcome(onSuggestion) {
  const suggestions = ['welcome.try-explain', 'welcome.try-code', 'welcome.try-table'].map((key) => t(key));
  return [
    el('h2', {}, t('welcome.title')),
    el('p', {}, t('welcome.text')),
    el(
      'div',
      { class: 'suggestions' },
      suggestions.map((text) => el('button', { type: 'button', on: { click: () => onSuggestion(text) } }, text)),
    ),
  ];
}
