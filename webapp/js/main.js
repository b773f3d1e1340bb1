import { el, icon } from './base/dom.js';
import { language, t } from './base/i18n.js';
import { loadLanguage, translate } from './base/language.js';
import { Chat } from './chat/chat.js';
import { Composer } from './chat/composer.js';
import { forgetDrafts, keepDraft } from './chat/drafts.js';
import { listenForShortcuts, showHelp } from './chat/keys.js';
import { copied } from './chat/message.js';
import { ModelPicker } from './chat/picker.js';
import { Follower } from './chat/scroll.js';
import { Standing } from './chat/standing.js';
import { welcome } from './chat/welcome.js';
import { newConversation } from './conversations/conversation.js';
import { mountSidebar } from './conversations/sidebar.js';
import { openStore } from './conversations/store.js';
import { mountDoctor } from './doctor/doctor.js';
import { askForKey } from './server/access.js';
import { accessKey } from './server/key.js';
import { mountSettings } from './settings/settings.js';

const element = (id) => document.getElementById(id);

/** From this width of the page on, in pixels, the list of conversations stays visible. */
const WIDE = matchMedia('(min-width: 48.01rem)');

const store = await openStore();
const preferences = store.preferences();
await loadLanguage(preferences.language);

const settings = mountSettings(element('settings'), {
  preferences: { get: () => store.preferences(), set: (name, value) => store.setPreference(name, value) },
  store,
  onChange: applySettings,
  onKey: () => {
    standing.forget();
    picker.load().then(() => standing.load());
  },
  onDeleted: () => {
    forgetDrafts();
    go('#/');
  },
});
const standing = new Standing(element('standing'));
const picker = new ModelPicker(chooseModel);
const chat = new Chat(element('messages'), {
  save: (conversation) => store.put(conversation).catch(sayUnsaved),
  holdStream: (id) => store.holdStream(id),
  update: (conversation, isOurs) => store.update(conversation, isOurs).catch(sayUnread),
  stopElsewhere: (id) => store.stopElsewhere(id),
  running: (ids) => sidebar.setUnderWay(ids),
  updated: conversationUpdated,
  showReasoning: () => settings.value().showReasoning,
  changed: conversationChanged,
  ended: () => standing.refresh(),
  toEnd: () => follower.toEnd(),
  onSimulated: showSimulator,
  announce,
});
const composer = new Composer(element('composer'), {
  send: ask,
  stop: () => chat.stop(),
  toEnd: () => follower.toEnd(),
  editLast: () => chat.editLast(),
  sendOnEnter: () => settings.value().sendOnEnter,
  picker: picker.element,
});
const follower = new Follower(element('scroller'), element('column'), (following) => composer.setFollowing(following));
const sidebar = mountSidebar(element('sidebar'), {
  store,
  onOpen: (id, options) => go(`#/c/${id}`, options),
  onNew: (options) => go('#/', options),
  onStop: (id) => chat.stopIn(id),
  current: () => chat.conversation?.id ?? null,
});
const doctor = mountDoctor(element('doctor'), { accessKey, askForKey });

let focusStays = false;

function ask(text) {
  const { conversation } = chat;
  conversation.model ||= picker.value;
  if (conversation.title === '') {
    composer.adopt(conversation.id);
  }
  chat.ask(text);
  // Its address from now on; no way back to the empty page that it was.
  history.replaceState(null, '', `#/c/${conversation.id}`);
  showTitle();
}

/** @param {string} hash @param {{keepFocus?: boolean}} [options] whether the focus stays where it is */
function go(hash, { keepFocus = false } = {}) {
  focusStays = keepFocus;
  if ((location.hash || '#/') === hash) {
    route();
  } else {
    location.hash = hash; // which calls route()
  }
  if (!keepFocus && !WIDE.matches) {
    toggleSide(false);
  }
}

/** Shows what the URL's fragment names. */
async function route() {
  const [, view, id] = location.hash.split('/');
  const isDoctor = view === 'doctor';
  element('chat').hidden = isDoctor;
  element('doctor').hidden = !isDoctor;
  for (const [link, current] of [['to-chat', !isDoctor], ['to-doctor', isDoctor]]) {
    element(link).toggleAttribute('aria-current', current);
  }
  if (isDoctor) {
    showTitle();
    return;
  }
  doctor.stop();
  if (view === 'c') {
    await show(id);
  } else {
    const { system, temperature, maxTokens } = settings.value();
    open(newConversation({ system, temperature, maxTokens, }), 'new');
  }
}

async function show(id) {
  const { hash } = location;
  if (chat.conversation?.id === id) {
    return;
  }
  const here = chat.underWay(id);
  const conversation = here ?? (await store.get(id).catch(() => null));
  if (location.hash !== hash) {
    return; // the URL has changed in the meantime
  }
  if (conversation) {
    open(conversation, id);
    if (here) {
      chat.update(id);
    }
  } else {
    announce(t('page.gone'));
    location.replace('#/');
  }
}

function open(conversation, draftId) {
  chat.show(conversation);
  composer.show(draftId);
  picker.show(conversation.model || store.preferences().model || null, conversation.model !== '');
  conversationChanged();
  if (WIDE.matches && !focusStays) {
    composer.focus();
  }
  focusStays = false;
}

function conversationChanged() {
  showConversation();
  sidebar.select(chat.conversation.id);
}

/** Another tab has changed the conversation, perhaps its model too. */
function conversationUpdated() {
  const { model } = chat.conversation;
  if (model !== '' && model !== picker.value) {
    picker.show(model, true);
  }
  showConversation();
}

function showConversation() {
  const { conversation } = chat;
  composer.setBusy(chat.busy);
  const isEmpty = Object.keys(conversation.messages).length === 0;
  element('welcome').hidden = !isEmpty;
  if (isEmpty) {
    element('welcome').replaceChildren(...welcome((text) => composer.put(text) ?? composer.focus()));
  }
  showTitle();
}

function showTitle() {
  const isDoctor = !element('doctor').hidden;
  const title = isDoctor ? t('page.doctor') : chat.conversation?.title || t('page.new');
  element('title').textContent = title;
  document.title = `${title} · Sluice`;
}

function chooseModel(model) {
  store.setPreference('model', model);
  chat.conversation.model = model;
  if (chat.conversation.title !== '') {
    store.put(chat.conversation).catch(sayUnsaved);
  }
}

function showSimulator() {
  const notice = element('simulator');
  if (notice.hidden) {
    notice.hidden = false;
    notice.replaceChildren(el('p', {}, el('strong', {}, t('simulator.title'))), el('p', {}, t('simulator.text')));
  }
}

async function applySettings({ theme, language: wanted } = settings.value()) {
  if (theme === 'auto') {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
  const before = language();
  await loadLanguage(wanted);
  if (language() !== before) {
    location.reload(); // to change all texts; the handler of pagehide saves incomplete answers
    return;
  }
  composer.refresh();
}

function announce(text) {
  element('announcer').textContent = text;
}

async function copyLastAnswer() {
  announce(t((await copied(chat.lastAnswer())) ? 'message.copied' : 'message.not-copied'));
}

function sayUnsaved(error) {
  sayTrouble(t('page.unsaved', { reason: error.message }));
}

function sayUnread(error) {
  sayTrouble(error.message);
}

function sayTrouble(words) {
  element('trouble').hidden = false;
  element('trouble').textContent = words;
}

function toggleSide(open = element('app').dataset.side === 'closed') {
  element('app').dataset.side = open ? 'open' : 'closed';
  element('side-toggle').setAttribute('aria-expanded', String(open));
  element('side-shade').hidden = !open;
}

translate(document);
element('side-toggle').append(icon('menu'));
element('open-settings').append(icon('settings'));
element('open-help').append(icon('help'));
element('side-toggle').addEventListener('click', () => toggleSide());
element('side-shade').addEventListener('click', () => toggleSide(false));
element('open-settings').addEventListener('click', () => settings.openFor(chat.conversation));
element('open-help').addEventListener('click', () => showHelp(element('help')));
element('skip').addEventListener('click', (event) => {
  event.preventDefault(); // the fragment is set by route()
  composer.focus();
});
listenForShortcuts({
  new: () => go('#/'),
  search: () => {
    toggleSide(true);
    sidebar.focusSearch();
  },
  stop: () => chat.busy && chat.stop(),
  again: () => chat.again(),
  copy: copyLastAnswer,
  sidebar: () => toggleSide(),
  settings: () => settings.openFor(chat.conversation),
  help: () => showHelp(element('help')),
});
WIDE.addEventListener('change', () => toggleSide(WIDE.matches));
addEventListener('hashchange', route);
addEventListener('pagehide', () => chat.keep());
document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    chat.keep();
  } else {
    standing.refresh(); // some of it may have come back meanwhile
  }
});
store.onChange((change) => {
  if (change.kind === 'removed') {
    change.ids.forEach((id) => keepDraft(id, ''));
    change.ids.forEach((id) => chat.stopIn(id));
    if (change.ids.includes(chat.conversation?.id)) {
      go('#/', { keepFocus: true });
    }
  } else if (change.kind === 'renamed') {
    chat.rename(change.id, change.title);
    showTitle();
  } else if (change.kind === 'put' && !change.here) {
    chat.update(change.summary.id);
  } else if (change.kind === 'stop') {
    chat.stopIn(change.id);
  } else if (change.kind === 'preferences' && !change.here) {
    applySettings();
  }
});

await applySettings();
toggleSide(WIDE.matches);
element('app').hidden = false;
await route();
if (!store.persistent) {
  sayTrouble(t('page.not-kept'));
}
picker.load().then(() => standing.load()); // by then the user has been asked for a key
