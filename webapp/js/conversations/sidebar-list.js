import { arrange, el, iconButton } from '../base/dom.js';
import { language, t } from '../base/i18n.js';

/** The number of entries that are built at first, and then whenever their end is scrolled to. */
const PAGE = 100;

const DAY = 24 * 60 * 60 * 1000;

/**
 * The entries, newest first, grouped by day. Entries are built when they are scrolled to. Entries that stay are moved only if
 * necessary, so that they keep the focus. The Tab key reaches one entry; the arrow keys reach the others from there.
 */
export class SidebarList {
  #element = el('div', { class: 'side-groups' });
  #end = el('div', { class: 'side-end' });
  #groups = new Map();
  #entries = new Map();
  #summaries = [];
  #shown = PAGE;
  #current = null;
  #underWay = new Set();
  #reachable = null;
  #act;

  /** @param {{open: function(string): void, menu: function(string, HTMLElement): void}} act */
  constructor(act) {
    this.#act = act;
    const more = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.#showMore(), {
      rootMargin: '600px',
    });
    more.observe(this.#end);
    this.#element.addEventListener('focusin', ({ target }) => {
      this.#makeReachable(target.closest('.side-entry')?.dataset.id ?? this.#reachable);
    });
  }

  get elements() {
    return [this.#element, this.#end];
  }

  /** @param {{id: string, title: string, updated: number, preview: string, snippet?: string}[]} summaries in order */
  show(summaries) {
    this.#summaries = summaries;
    this.#render();
  }

  /** Scrolls to the top, for a new list. */
  start() {
    this.#shown = PAGE;
  }

  select(id) {
    this.#current = id;
    this.#entries.forEach((entry, each) => this.#markCurrent(entry, each));
    if (this.#summaries.some((summary) => summary.id === id)) {
      this.#build(id);
      this.#makeReachable(id);
      this.#entries.get(id).scrollIntoView({ block: 'nearest' });
    }
  }

  /** @param {Set<string>} ids the conversations in which answers are on their way */
  markUnderWay(ids) {
    this.#underWay = ids;
    this.#entries.forEach((entry, id) => this.#markBusy(entry, id));
  }

  /** The id of the entry in which the focus is, or null. */
  focused() {
    return document.activeElement?.closest('.side-entry')?.dataset.id ?? null;
  }

  /** @returns {boolean} whether there is such an entry */
  focus(id) {
    if (id === null || !this.#summaries.some((summary) => summary.id === id)) {
      return false;
    }
    this.#build(id);
    this.#entries.get(id).querySelector('.side-open').focus();
    return true;
  }

  /** The id of the entry so many places after another one, or null beyond the ends. Infinity is the last. */
  neighbour(id, distance) {
    const at = this.#summaries.findIndex((summary) => summary.id === id) + distance;
    return Math.abs(at) === Infinity
      ? (this.#summaries.at(at > 0 ? -1 : 0)?.id ?? null)
      : (this.#summaries[at]?.id ?? null);
  }

  /**
   * Puts a field for a new title in the place of an entry.
   *
   * @param {function(string): void} done is told a title that is not empty and not the old one
   */
  rename(id, done) {
    this.#build(id);
    const entry = this.#entries.get(id);
    const open = entry.querySelector('.side-open');
    const { title } = this.#summaries.find((summary) => summary.id === id);
    let over = false;
    const end = (keep, back) => {
      if (over) {
        return;
      }
      over = true;
      const wanted = field.value.replace(/\s+/g, ' ').trim();
      field.replaceWith(open);
      if (back) {
        open.focus();
      }
      if (keep && wanted !== '' && wanted !== title) {
        done(wanted);
      }
    };
    const field = el('input', {
      class: 'side-rename',
      value: title,
      maxLength: 200,
      dir: 'auto',
      'aria-label': t('sidebar.renameLabel'),
      on: {
        blur: () => end(true, false),
        keydown: (event) => {
          event.stopPropagation();
          const composing = event.isComposing || event.keyCode === 229;
          if ((event.key === 'Enter' || event.key === 'Escape') && !composing) {
            event.preventDefault();
            end(event.key === 'Enter', true);
          }
        },
      },
    });
    open.replaceWith(field);
    field.focus();
    field.select();
  }

  #showMore() {
    if (this.#shown < this.#summaries.length) {
      this.#shown += PAGE;
      this.#render();
    }
  }

  /** Builds entries up to this one. */
  #build(id) {
    const at = this.#summaries.findIndex((summary) => summary.id === id);
    if (at >= this.#shown) {
      this.#shown = at + PAGE;
      this.#render();
    }
  }

  #render() {
    const focused = this.focused() === null ? null : document.activeElement;
    const summaries = this.#summaries.slice(0, this.#shown);
    const kept = new Set(summaries.map(({ id }) => id));
    [...this.#entries.keys()].filter((id) => !kept.has(id)).forEach((id) => this.#entries.delete(id));

    const byDay = Map.groupBy(summaries, ({ updated }) => dayGroup(updated));
    const names = dayNames();
    const groups = Array.from(byDay, ([group, members]) => {
      const { section, heading, list } = this.#group(group);
      heading.textContent = names[group];
      arrange(list, members.map((summary) => this.#entry(summary)));
      return section;
    });
    arrange(this.#element, groups);
    this.#end.hidden = this.#shown >= this.#summaries.length;
    if (!kept.has(this.#reachable)) {
      this.#makeReachable(kept.has(this.#current) ? this.#current : (summaries[0]?.id ?? null));
    }
    if (focused?.isConnected && focused !== document.activeElement) {
      focused.focus({ preventScroll: true }); // it was moved
    }
  }

  #group(group) {
    if (!this.#groups.has(group)) {
      const heading = el('h2', { id: `side-${group}` });
      const list = el('ul', { role: 'list', 'aria-labelledby': heading.id });
      this.#groups.set(group, { section: el('div', { class: 'side-group' }, heading, list), heading, list });
    }
    return this.#groups.get(group);
  }

  #entry(summary) {
    const { id } = summary;
    if (!this.#entries.has(id)) {
      const open = el(
        'button',
        { type: 'button', class: 'side-open', on: { click: () => this.#act.open(id) } },
        el('span', { class: 'side-title', dir: 'auto' }),
        el('span', { class: 'side-snippet', dir: 'auto', hidden: true }),
      );
      const more = iconButton('more', '', (event) => this.#act.menu(id, event.currentTarget), {
        class: 'icon-button side-more',
        'aria-haspopup': 'menu',
        'aria-expanded': 'false',
      });
      const busy = el('span', { class: 'side-busy', role: 'img', hidden: true });
      busy.setAttribute('aria-label', t('sidebar.underWay'));
      busy.title = t('sidebar.underWay');
      this.#entries.set(id, el('li', { class: 'side-entry', dataset: { id } }, open, busy, more));
    }
    const entry = this.#entries.get(id);
    this.#fill(entry, summary);
    this.#markCurrent(entry, id);
    this.#markBusy(entry, id);
    reachable(entry, id === this.#reachable);
    return entry;
  }

  #fill(entry, { title, preview, snippet }) {
    const name = title || preview || t('sidebar.untitled');
    const written = entry.querySelector('.side-title');
    if (written === null) {
      return; // it is being renamed
    }
    const below = entry.querySelector('.side-snippet');
    if (written.textContent === name && below.textContent === (snippet ?? '')) {
      return; // unchanged, so that the browser has no layout work
    }
    written.textContent = name;
    written.parentElement.title = name;
    below.textContent = snippet ?? '';
    below.hidden = snippet === undefined || snippet === name;
    const more = entry.querySelector('.side-more');
    more.title = t('sidebar.more', { title: name });
    more.setAttribute('aria-label', more.title);
  }

  #markBusy(entry, id) {
    entry.querySelector('.side-busy').hidden = !this.#underWay.has(id);
  }

  #markCurrent(entry, id) {
    const open = entry.querySelector('.side-open');
    entry.classList.toggle('current', id === this.#current);
    if (id === this.#current) {
      open?.setAttribute('aria-current', 'page');
    } else {
      open?.removeAttribute('aria-current');
    }
  }

  #makeReachable(id) {
    if (id !== this.#reachable) {
      [this.#reachable, id].forEach((each) => {
        const entry = this.#entries.get(each);
        if (entry) {
          reachable(entry, each === id);
        }
      });
      this.#reachable = id;
    }
  }
}

function reachable(entry, yes) {
  entry.querySelectorAll('button').forEach((button) => {
    button.tabIndex = yes ? 0 : -1;
  });
}

function dayGroup(time) {
  const midnight = new Date().setHours(0, 0, 0, 0);
  if (time >= midnight) {
    return 'today';
  }
  if (time >= midnight - DAY) {
    return 'yesterday';
  }
  return time >= midnight - 7 * DAY ? 'week' : 'older';
}

function dayNames() {
  const days = new Intl.RelativeTimeFormat(language(), { numeric: 'auto' });
  return {
    today: capital(days.format(0, 'day')),
    yesterday: capital(days.format(-1, 'day')),
    week: t('sidebar.week'),
    older: t('sidebar.older'),
  };
}

function capital(word) {
  return word.charAt(0).toLocaleUpperCase(language()) + word.slice(1);
}
