import { el } from './dom.js';
import { formatNumber, t } from './i18n.js';
import { newId } from './id.js';

/**
 * A labelled part of a form.
 *
 * @typedef {{element: HTMLElement, read: function(): any, check: function(): boolean, focus: function(): void}} Field
 *   `check` shows the fault beside the field, and returns whether there is none
 */

/** @returns {Field} for text of several lines */
export function textField(label, value, hint) {
  const id = `field-${newId()}`;
  const input = el('textarea', { id, value, rows: 3, dir: 'auto', 'aria-describedby': `${id}-hint` });
  return {
    element: el(
      'div',
      { class: 'field' },
      el('label', { htmlFor: id }, label),
      input,
      el('p', { id: `${id}-hint`, class: 'quiet-text' }, hint),
    ),
    read: () => input.value.trim(),
    check: () => true,
    focus: () => input.focus(),
  };
}

/**
 * A field for an optional number. It accepts a comma as the decimal point.
 *
 * @param {{least: number, most: number, whole: boolean}} bounds
 * @returns {Field} whose value is null where it is empty
 */
export function numberField(label, value, hint, { least, most, whole }) {
  const id = `field-${newId()}`;
  const fault = el('p', { id: `${id}-fault`, class: 'field-fault', role: 'alert' });
  const input = el('input', {
    id,
    type: 'text',
    value: value === null ? '' : String(value),
    inputMode: whole ? 'numeric' : 'decimal',
    maxLength: 20,
    autocomplete: 'off',
    'aria-describedby': `${id}-hint ${id}-fault`,
  });
  const read = () => {
    const text = input.value.trim().replace(',', '.');
    return text === '' ? null : /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  };
  const check = () => {
    const number = read();
    const good = number === null || (number >= least && number <= most && (!whole || Number.isInteger(number)));
    input.setAttribute('aria-invalid', String(!good));
    const bounds = { least: formatNumber(least), most: formatNumber(most) };
    fault.textContent = good ? '' : t(whole ? 'settings.badWhole' : 'settings.badNumber', bounds);
    return good;
  };
  input.addEventListener('change', check);
  return {
    element: el(
      'div',
      { class: 'field' },
      el('label', { htmlFor: id }, label),
      input,
      el('p', { id: `${id}-hint`, class: 'quiet-text' }, hint),
      fault,
    ),
    read,
    check,
    focus: () => input.focus(),
  };
}

/** @param {Object<string, string>} choices words by value @returns {Field} for one of a few, all in sight */
export function radioField(legend, value, choices) {
  const name = `field-${newId()}`;
  const inputs = Object.keys(choices).map((each) =>
    el('input', { type: 'radio', name, value: each, checked: each === value }),
  );
  return {
    element: el(
      'fieldset',
      { class: 'field choices' },
      el('legend', {}, legend),
      el(
        'div',
        { class: 'row' },
        inputs.map((input) => el('label', {}, input, choices[input.value])),
      ),
    ),
    read: () => inputs.find(({ checked }) => checked).value,
    check: () => true,
    focus: () => inputs[0].focus(),
  };
}

/** @param {Object<string, string>} choices words by value @returns {Field} for one of many */
export function selectField(label, value, choices) {
  const id = `field-${newId()}`;
  const options = Object.entries(choices).map(([each, words]) =>
    el('option', { value: each, selected: each === value }, words),
  );
  const select = el('select', { id }, options);
  return {
    element: el('div', { class: 'field' }, el('label', { htmlFor: id }, label), select),
    read: () => select.value,
    check: () => true,
    focus: () => select.focus(),
  };
}

/** @returns {Field} for yes or no */
export function checkField(label, value) {
  const input = el('input', { type: 'checkbox', checked: value });
  return {
    element: el('label', { class: 'field check' }, input, label),
    read: () => input.checked,
    check: () => true,
    focus: () => input.focus(),
  };
}
