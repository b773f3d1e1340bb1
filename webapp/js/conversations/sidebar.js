import { el, icon } from '../base/dom.js';
import { t } from '../base/i18n.js';
import { openMenu } from '../base/menu.js';
import { exportJson, exportMarkdown } from './exchange.js';
import { Removals } from './removals.js';
import { sidebarActions } from './sidebar-actions.js';
import { SidebarList } from './sidebar-list.js';

/** The pause in typing after which a search begins, in milliseconds. */
const REST = 200;

/**
 * The list of conversations, and what can be done with them.
 *
 * @param {HTMLElement} element a `nav`, kept for this alone
 * @param {{
 *   store: import('./store.js').Store,
 *   onOpen: function(string, {keepFocus: boolean}): void,
 *   onNew: function(): void,
 *   onStop: function(string): void,
 *   current: function(): ?string,
 * }} page `keepFocus` says that the focus should stay in the list. That the open one was removed is the store's to
 *   tell
 * @returns {{refresh: function(): Promise<void>, select: function(?string): void, focusSearch: function(): void,
 *   setUnderWay: function(Set<string>): void}} `setUnderWay` is told in which conversations answers are on their way
 */
export function mountSidebar(element, page) {
  const sidebar = new Sidebar(element, page);
  sidebar.refresh();
  return {
    refresh: () => sidebar.refresh(),
    select: (id) => sidebar.select(id),
    focusSearch: () => sidebar.focusSearch(),
    setUnderWay: (ids) => sidebar.setUnderWay(ids),
  };
}

class Sidebar {
  #page;
  #store;
  #list = new SidebarList({
    open: (id) => this.#page.onOpen(id, { keepFocus: false }),
    menu: (id, button) => this.#menu(id, button),
  });

  #all = [];

  /** What a search found, or null while all are shown. */
  #found = null;

  /** In which conversations answers are on their way, in this tab. */
  #underWay = new Set();

  #typing = 0;
  #search = el('input', {
    type: 'search',
    class: 'side-search',
    placeholder: t('sidebar.search'),
    'aria-label': t('sidebar.search'),
    autocomplete: 'off',
    enterKeyHint: 'search',
  });

  #new = el('button', { type: 'button', class: 'side-new' }, icon('plus'), t('sidebar.new'));
  #status = el('p', { class: 'side-status quiet-text', role: 'status' });
  #fault = el('p', { class: 'side-fault', role: 'alert', hidden: true });
  #removals;
  #actions;

  constructor(element, page) {
    this.#page = page;
    this.#store = page.store;
    this.#removals = new Removals(this.#store, {
      attempt: (work) => this.#try(work),
      restored: (...ids) => this.#restored(...ids),
    });
    this.#actions = sidebarActions(this.#store, {
      attempt: (work) => this.#try(work),
      say: (words) => this.#say(words),
      emptied: () => {
        this.#removals.settle();
        this.#new.focus();
      },
    });
    const scroll = el('div', { class: 'side-scroll' }, this.#status, this.#list.elements);
    element.classList.add('sidebar');
    element.replaceChildren(
      el('div', { class: 'side-top' }, this.#new, this.#search),
      scroll,
      this.#fault,
      this.#removals.element,
      this.#actions.element,
    );
    this.#new.addEventListener('click', () => this.#page.onNew());
    this.#search.addEventListener('input', () => this.#onTyping());
    this.#search.addEventListener('keydown', (event) => this.#onSearchKey(event));
    scroll.addEventListener('keydown', (event) => this.#onKey(event));
    scroll.addEventListener('contextmenu', (event) => this.#onContextMenu(event));
    this.#store.onChange((change) => this.#onChange(change));
    document.addEventListener('visibilitychange', () => !document.hidden && this.refresh()); // the groups by day may have changed
  }

  async refresh() {
    await this.#try(async () => {
      this.#all = await this.#store.list();
      if (this.#found === null) {
        this.#show();
      } else {
        await this.#find();
      }
    });
  }

  select(id) {
    this.#list.select(id);
  }

  setUnderWay(ids) {
    this.#underWay = ids;
    this.#list.markUnderWay(ids);
  }

  focusSearch() {
    this.#search.focus();
    this.#search.select();
  }

  get #summaries() {
    return this.#found ?? this.#all;
  }

  #show() {
    this.#list.show(this.#summaries);
    this.#list.select(this.#page.current());
    this.#sayHowMany();
  }

  #sayHowMany() {
    const count = this.#summaries.length;
    const words = this.#found === null ? '' : t('sidebar.found', { count });
    this.#say(this.#all.length === 0 ? t('sidebar.none') : words);
    this.#actions.update(this.#all.length);
  }

  #say(words) {
    if (this.#status.textContent !== words) {
      this.#status.textContent = words;
    }
  }

  #onTyping() {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#try(() => this.#find()), REST);
  }

  async #find() {
    const query = this.#search.value.trim();
    this.#list.start();
    if (query === '') {
      this.#found = null;
      this.#show();
      return;
    }
    try {
      const found = await this.#store.search(query);
      if (this.#search.value.trim() === query) {
        this.#found = found;
        this.#show();
      }
    } catch (error) {
      if (error.name !== 'AbortError') {
        throw error; // otherwise there is a later search
      }
    }
  }

  #onChange(change) {
    if (change.kind === 'put') {
      this.#put(change.summary);
    } else if (change.kind === 'renamed') {
      const renamed = (each) => (each.id === change.id ? { ...each, title: change.title } : each);
      this.#replace((summaries) => summaries.map(renamed));
    } else if (change.kind === 'removed') {
      const removed = new Set(change.ids);
      this.#replace((summaries) => summaries.filter(({ id }) => !removed.has(id)));
    }
  }

  #put(summary) {
    const merged = (each) => (each.id === summary.id ? { ...each, ...summary } : each);
    this.#found = this.#found?.map(merged) ?? null;
    const others = this.#all.filter(({ id }) => id !== summary.id);
    const at = others.findIndex(({ updated }) => updated <= summary.updated);
    this.#all = others.toSpliced(at < 0 ? others.length : at, 0, summary);
    this.#list.show(this.#summaries);
    this.#actions.update(this.#all.length);
    if (this.#status.textContent === t('sidebar.none')) {
      this.#say('');
    }
  }

  #replace(change) {
    this.#all = change(this.#all);
    this.#found = this.#found && change(this.#found);
    this.#list.show(this.#summaries);
    this.#sayHowMany();
  }

  #menu(id, button) {
    const exported = (write) => () => this.#try(async () => write(await this.#whole(id)));
    const stop = { label: t('composer.stop'), icon: 'stop', run: () => this.#page.onStop(id) };
    openMenu(button, [
      ...(this.#underWay.has(id) ? [stop] : []),
      { label: t('sidebar.rename'), icon: 'edit', run: () => this.#rename(id) },
      { label: t('sidebar.exportJson'), icon: 'download', run: exported(exportJson) },
      { label: t('sidebar.exportMarkdown'), icon: 'download', run: exported(exportMarkdown) },
      { label: t('sidebar.remove'), icon: 'trash', danger: true, run: () => this.#try(() => this.#remove(id)) },
    ]);
  }

  #rename(id) {
    this.#list.rename(id, (title) => this.#try(() => this.#store.rename(id, title)));
  }

  async #remove(id) {
    const heir = this.#list.neighbour(id, 1) ?? this.#list.neighbour(id, -1);
    await this.#removals.remove(await this.#whole(id), this.#page.current() === id);
    if (!this.#list.focus(heir)) {
      this.#new.focus();
    }
  }

  /** @param {string} id the last one that was removed @param {?string} current the one that had been open */
  #restored(id, current) {
    if (current !== null) {
      this.#page.onOpen(current, { keepFocus: true });
    }
    if (!this.#list.focus(id)) {
      this.#search.focus(); // it is not among what was found
    }
  }

  async #whole(id) {
    const conversation = await this.#store.get(id);
    if (!conversation) {
      throw new Error(t('sidebar.gone'));
    }
    return conversation;
  }

  #onSearchKey(event) {
    if (event.key === 'ArrowDown' && this.#list.focus(this.#summaries[0]?.id ?? null)) {
      event.preventDefault();
    } else if (event.key === 'Escape' && this.#search.value !== '') {
      event.preventDefault();
      event.stopPropagation();
      this.#search.value = '';
      this.#onTyping();
    }
  }

  #onKey(event) {
    const id = this.#list.focused();
    const plain = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    const onMac = event.metaKey && event.key === 'Backspace';
    if (event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey) && this.#removals.offered) {
      event.preventDefault();
      this.#removals.undo();
    } else if (id !== null && (plain || onMac) && this.#onEntryKey(event.key, id)) {
      event.preventDefault();
    }
  }

  /** @returns {boolean} whether the key means something to an entry */
  #onEntryKey(key, id) {
    const go = (distance) => this.#list.focus(this.#list.neighbour(id, distance));
    const remove = () => this.#try(() => this.#remove(id));
    const act = {
      ArrowDown: () => go(1),
      ArrowUp: () => go(-1) || this.#search.focus(),
      Home: () => go(-Infinity),
      End: () => go(Infinity),
      F2: () => this.#rename(id),
      Delete: remove,
      Backspace: remove,
    }[key];
    act?.();
    return act !== undefined;
  }

  #onContextMenu(event) {
    const entry = event.target.closest('.side-entry');
    if (entry && !event.target.closest('input, [role=menu]')) {
      event.preventDefault();
      this.#menu(entry.dataset.id, entry.querySelector('.side-more'));
    }
  }

  /** Runs an action that may fail, and shows the error if it does. */
  async #try(work) {
    this.#fault.hidden = true;
    try {
      await work();
    } catch (error) {
      this.#fault.textContent = error.message;
      this.#fault.hidden = false;
    }
  }
}
