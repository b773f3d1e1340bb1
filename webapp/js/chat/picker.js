import { el } from '../base/dom.js';
import { t } from '../base/i18n.js';
import { askForKey } from '../server/access.js';
import { models } from '../server/api.js';
import { accessKey } from '../server/key.js';

/** The choice of the model, among those that the server lists. */
export class ModelPicker {
  #onChange;
  #kept = false;

  /** @param {function(string): void} onChange told the model that the person has chosen */
  constructor(onChange) {
    this.#onChange = onChange;
    this.element = el('select', {
      id: 'model',
      'aria-label': t('picker.label'),
      title: t('picker.label'),
      on: { change: () => this.#changed() },
    });
    this.known = [];
  }

  /** The one that is chosen; null if none is known. */
  get value() {
    return this.element.value || null;
  }

  /**
   * @param {?string} model shown as chosen; null is the first
   * @param {boolean} kept whether it stays so even if the server does not offer it
   */
  show(model, kept = false) {
    this.#kept = kept;
    if (model && !this.known.includes(model)) {
      this.#fill([model, ...this.known]);
    }
    this.element.value = model ?? this.known[0] ?? '';
  }

  /** Requests the models of the server; if that fails, a retry is offered. */
  async load() {
    const wanted = this.element.value;
    try {
      this.known = await models(accessKey());
      this.#fill(this.known);
    } catch (failure) {
      if (failure.status === 401 && (await askForKey(failure.message))) {
        return this.load();
      }
      this.#fill(this.known);
      this.element.append(el('option', { value: '', dataset: { action: 'reload' } }, t('picker.failed')));
    }
    this.show(wanted && (this.#kept || this.known.length === 0 || this.known.includes(wanted)) ? wanted : null, this.#kept);
    return undefined;
  }

  #fill(ids) {
    this.element.replaceChildren(...ids.map((id) => el('option', { value: id }, id)));
  }

  #changed() {
    if (this.element.selectedOptions[0]?.dataset.action === 'reload') {
      this.load();
    } else {
      this.#onChange(this.element.value);
    }
  }
}
