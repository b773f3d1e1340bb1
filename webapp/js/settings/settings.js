import { confirmed } from '../base/confirm.js';
import { el, iconButton } from '../base/dom.js';
import { checkField, numberField, radioField, selectField, textField } from '../base/fields.js';
import { t } from '../base/i18n.js';
import { LANGUAGES } from '../base/language.js';
import { accessKey, forgetAccessKey, keepAccessKey } from '../server/key.js';

/** The settings with their defaults. */
const DEFAULTS = {
  system: '',
  temperature: null,
  maxTokens: null,
  theme: 'auto',
  language: 'auto',
  sendOnEnter: true,
  showReasoning: true,
};

const TEMPERATURE = { least: 0, most: 2, whole: false };
const MAX_TOKENS = { least: 1, most: 1_000_000_000, whole: true };

/**
 * The dialog of settings: for the page, for new conversations, and for the one that is open.
 *
 * @param {HTMLDialogElement} dialog kept for this alone, named by an element `settings-title` within
 * @param {{
 *   preferences: {get: function(): Object<string, any>, set: function(string, any): void},
 *   store: import('../conversations/store.js').Store,
 *   onChange: function(Object, Object): void,
 *   onKey?: function(): void,
 *   onDeleted?: function(): void,
 * }} page `onChange` is told all settings, and those that are others now; `onKey` that the access key is another;
 *   `onDeleted` that the store, the preferences and the access key are empty
 */
export function mountSettings(dialog, page) {
  const settings = new Settings(dialog, page);
  return {
    open: () => settings.open(null),
    openFor: (conversation) => settings.open(conversation),
    value: () => settings.value(),
  };
}

class Settings {
  #dialog;
  #page;

  constructor(dialog, page) {
    this.#dialog = dialog;
    this.#page = page;
  }

  /** The stored settings. Invalid values, perhaps of another version of this page, are replaced by defaults. */
  value() {
    const kept = { ...DEFAULTS, ...this.#page.preferences.get() };
    const among = (value, choices) => (choices.includes(value) ? value : 'auto');
    return {
      system: typeof kept.system === 'string' ? kept.system : '',
      temperature: bounded(kept.temperature, TEMPERATURE),
      maxTokens: bounded(kept.maxTokens, MAX_TOKENS),
      theme: among(kept.theme, ['auto', 'light', 'dark']),
      language: among(kept.language, ['auto', ...Object.keys(LANGUAGES)]),
      sendOnEnter: kept.sendOnEnter !== false,
      showReasoning: kept.showReasoning !== false,
    };
  }

  /** Builds the dialog each time, because the language and the conversation may have changed. */
  open(conversation) {
    if (this.#dialog.open) {
      return;
    }
    const own = conversation && conversationFields(conversation);
    const value = this.value();
    const fields = { ...conversationFields(value), ...pageFields(value) };
    const form = el(
      'form',
      { method: 'dialog', noValidate: true, class: 'settings' },
      el(
        'header',
        { class: 'row' },
        el('h2', { id: 'settings-title' }, t('settings.title')),
        iconButton('close', t('settings.close'), () => this.#dialog.close()),
      ),
      own && part(t('settings.conversation'), Object.values(own)),
      part(t('settings.defaults'), [fields.system, fields.temperature, fields.maxTokens]),
      part(t('settings.page'), [fields.theme, fields.language, fields.sendOnEnter, fields.showReasoning]),
      this.#key(),
      this.#data(),
      el(
        'footer',
        { class: 'row' },
        el('button', { type: 'button', on: { click: () => this.#dialog.close() } }, t('settings.cancel')),
        el('button', { type: 'submit', class: 'primary' }, t('settings.save')),
      ),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#save(fields, conversation, own);
    });
    this.#dialog.replaceChildren(form);
    this.#dialog.showModal();
    Object.values(own ?? fields)[0].focus();
  }

  #save(fields, conversation, own) {
    const wrong = [...Object.values(own ?? {}), ...Object.values(fields)].filter((field) => !field.check());
    if (wrong.length > 0) {
      wrong[0].focus();
      wrong[0].element.scrollIntoView({ block: 'nearest' }); // with what it says of the fault
      return;
    }
    this.#dialog.close();
    const changed = differences(this.value(), fields);
    Object.entries(changed).forEach(([name, value]) => this.#page.preferences.set(name, value));
    if (own) {
      this.#saveFor(conversation, own, changed);
    }
    if (Object.keys(changed).length > 0) {
      this.#page.onChange(this.value(), changed);
    }
  }

  #saveFor(conversation, own, changedDefaults) {
    const changed = differences(conversation, own);
    const begun = Object.keys(conversation.messages).length > 0;
    if (!begun) {
      // It is a new conversation still: what holds for those holds for it, unless it was told otherwise.
      Object.keys(own)
        .filter((name) => name in changedDefaults && !(name in changed))
        .forEach((name) => {
          changed[name] = changedDefaults[name];
        });
    }
    if (Object.keys(changed).length > 0) {
      Object.assign(conversation, changed);
      if (begun) {
        this.#page.store.put(conversation).catch(() => {}); // with its next answer, then
      }
    }
  }

  /** The access key takes effect at once: it is not a setting, and nothing stores it. */
  #key() {
    const state = el('p', { class: 'quiet-text', role: 'status' });
    const input = el('input', {
      id: 'settings-key',
      type: 'password',
      autocomplete: 'off',
      spellcheck: false,
      'aria-describedby': 'settings-key-hint',
    });
    const keep = el('button', { type: 'button' }, t('settings.keyKeep'));
    const forget = el('button', { type: 'button' }, t('settings.keyForget'));
    const show = () => {
      state.textContent = t(accessKey() === null ? 'settings.keyNone' : 'settings.keyKept');
      forget.hidden = accessKey() === null;
    };
    const entered = () => {
      const key = input.value.trim();
      if (key !== '') {
        keepAccessKey(key);
        input.value = '';
        show();
        this.#page.onKey?.();
      }
    };
    keep.addEventListener('click', entered);
    input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') {
        event.preventDefault(); // it belongs to this field, not to the form
        entered();
      }
    });
    forget.addEventListener('click', () => {
      forgetAccessKey();
      show();
      input.focus(); // the button that had the focus is gone
      this.#page.onKey?.();
    });
    show();
    return el(
      'fieldset',
      { class: 'part' },
      el('legend', {}, t('settings.key')),
      state,
      el(
        'div',
        { class: 'field' },
        el('label', { htmlFor: 'settings-key' }, t('settings.keyLabel')),
        el('div', { class: 'row key' }, input, keep, forget),
        el('p', { id: 'settings-key-hint', class: 'quiet-text' }, t('settings.keyHint')),
      ),
    );
  }

  #data() {
    const fault = el('p', { class: 'field-fault', role: 'alert' });
    const remove = async () => {
      const sure = await confirmed({
        title: t('settings.deleteTitle'),
        text: t('settings.deleteText'),
        action: t('settings.deleteAction'),
        cancel: t('settings.cancel'),
      });
      if (sure) {
        await this.#deleteAll().catch((error) => {
          fault.textContent = error.message;
        });
      }
    };
    return el(
      'fieldset',
      { class: 'part' },
      el('legend', {}, t('settings.data')),
      el('p', { class: 'quiet-text' }, t('settings.dataHint')),
      el('button', { type: 'button', class: 'danger', on: { click: remove } }, t('settings.delete')),
      fault,
    );
  }

  async #deleteAll() {
    const before = this.value();
    await this.#page.store.eraseAll();
    forgetAccessKey();
    this.#dialog.close();
    this.#page.onDeleted?.();
    const now = this.value();
    this.#page.onChange(now, Object.fromEntries(Object.entries(now).filter(([name]) => now[name] !== before[name])));
  }
}

function conversationFields({ system, temperature, maxTokens }) {
  return {
    system: textField(t('settings.system'), system, t('settings.systemHint')),
    temperature: numberField(t('settings.temperature'), temperature, t('settings.temperatureHint'), TEMPERATURE),
    maxTokens: numberField(t('settings.maxTokens'), maxTokens, t('settings.maxTokensHint'), MAX_TOKENS),
  };
}

function pageFields({ theme, language, sendOnEnter, showReasoning }) {
  const themes = { auto: t('settings.auto'), light: t('settings.light'), dark: t('settings.dark') };
  return {
    theme: radioField(t('settings.theme'), theme, themes),
    language: selectField(t('settings.language'), language, { auto: t('settings.autoLanguage'), ...LANGUAGES }),
    sendOnEnter: checkField(t('settings.sendOnEnter'), sendOnEnter),
    showReasoning: checkField(t('settings.showReasoning'), showReasoning),
  };
}

function part(legend, fields) {
  return el('fieldset', { class: 'part' }, el('legend', {}, legend), fields.map(({ element }) => element));
}

/** The units and descriptions of the fields. */
function differences(values, fields) {
  const read = Object.entries(fields).map(([name, field]) => [name, field.read()]);
  return Object.fromEntries(read.filter(([name, value]) => value !== values[name]));
}

function bounded(value, { least, most, whole }) {
  const good = typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value));
  return good ? value : null;
}
