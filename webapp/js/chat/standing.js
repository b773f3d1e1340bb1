import { el } from '../base/dom.js';
import { t } from '../base/i18n.js';
import { me } from '../server/api.js';
import { accessKey } from '../server/key.js';

/** How a caller is known of whom nobody knows a name. */
const NAMELESS = ['this_machine', 'open_access'];

const UNITS = ['requests', 'tokens'];
const PERIODS = ['second', 'minute', 'hour', 'day'];

/** Shows who asks, the plan, and what is left of it. It is hidden where there is neither a name nor a plan. */
export class Standing {
  #element;
  #loads = 0;

  /** @param {HTMLElement} element kept for this alone */
  constructor(element) {
    this.#element = element;
  }

  /** Asks the server again. If it does not say, what is shown stays. */
  async load() {
    this.#loads += 1;
    const load = this.#loads;
    const standing = await me(accessKey());
    if (standing !== null && load === this.#loads) {
      this.#show(standing);
    }
  }

  /** Asks again if what was shown has limits, of which something may have been used. */
  refresh() {
    return this.#element.querySelector('dd') === null ? Promise.resolve() : this.load();
  }

  /** The key is another one, or none: what is shown may be of somebody else. */
  forget() {
    this.#loads += 1;
    this.#element.hidden = true;
    this.#element.replaceChildren();
  }

  #show(standing) {
    const name = NAMELESS.includes(standing.established_by) ? null : text(standing.name);
    const plan = text(standing.plan);
    this.#element.hidden = name === null && plan === null;
    this.#element.replaceChildren(
      el(
        'p',
        { class: 'standing-who' },
        name && el('bdi', { class: 'standing-name' }, name),
        plan && el('bdi', { class: 'standing-plan' }, t('standing.plan', { plan })),
      ),
      el('dl', {}, limitsInWords(standing).map(([what, left]) => el('div', {}, el('dt', {}, what), el('dd', {}, left)))),
    );
  }
}

/**
 * @param {any} standing what `GET /me` says, of this server or another version of it
 * @returns {[string, string][]} what each limit counts, and what is left of it; limits that are not known are left out
 */
export function limitsInWords(standing) {
  const limits = Array.isArray(standing?.limits) ? standing.limits.filter(isKnown) : [];
  return limits.map(({ unit, period, remaining, amount }) => [
    unit === 'streams' ? t('standing.streams') : t(`standing.${unit}.${period}`),
    t('standing.left', { remaining, amount }),
  ]);
}

function isKnown(limit) {
  const counted = limit?.unit === 'streams' || (UNITS.includes(limit?.unit) && PERIODS.includes(limit.period));
  return counted && Number.isFinite(limit.remaining) && Number.isFinite(limit.amount);
}

function text(value) {
  return typeof value === 'string' && value !== '' ? value : null;
}
