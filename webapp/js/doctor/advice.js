import { el } from '../base/dom.js';
import { t } from '../base/i18n.js';
import { SETTINGS } from './settings.js';

/** The kinds of settings that help against each verdict, the most likely first. */
const AGAINST = {
  bursty: ['flow', 'compression'],
  buffered: ['flow', 'compression'],
  compressed: ['compression', 'flow'],
  overdue: ['flow', 'compression', 'silence'],
  cut: ['silence'],
};

const ALL = ['flow', 'compression', 'silence'];

/** @returns {string[]} the kinds of settings that help; none if nothing that can be set does */
export function settingsAgainst({ verdict, reason, warnings }) {
  if (verdict === 'live') {
    return warnings.includes('compressed') ? ['compression'] : [];
  }
  return AGAINST[verdict === 'blocked' ? reason : verdict] ?? [];
}

/**
 * The detected proxies, and the settings to change there.
 *
 * @param {{id: ?string, name: string, evidence: string[]}[]} proxies those that the headers tell of
 * @param {string[]} kinds of settings to show first; with none, nothing is opened
 */
export function advice(proxies, kinds) {
  const known = proxies.filter(({ id }) => id !== null).map(({ id }) => id);
  const others = Object.keys(SETTINGS).filter((id) => !known.includes(id));
  const first = known.length === 0 && isPlainAndFar() ? ['corporate'] : known;
  return el(
    'section',
    { class: 'doctor-advice' },
    el('h3', {}, t('doctor.proxies.title')),
    el('p', {}, whoItIs(proxies)),
    proxies.length > 0 ? el('ul', { class: 'doctor-evidence' }, proxies.map(evidenceOf)) : null,
    el('h3', {}, t('doctor.fix.title')),
    el('p', { class: 'quiet-text' }, t('doctor.fix.intro')),
    first.map((id) => settings(id, kinds, kinds.length > 0)),
    el(
      'details',
      { class: 'doctor-others' },
      el('summary', {}, t('doctor.fix.others')),
      others.filter((id) => !first.includes(id)).map((id) => settings(id, kinds, false)),
    ),
  );
}

function whoItIs(proxies) {
  if (proxies.length === 0) {
    return t('doctor.proxies.nobody');
  }
  const names = proxies.filter(({ id }) => id !== null).map(({ id }) => nameOf(id));
  return names.length > 0 ? t('doctor.proxies.likely', { names: names.join(', ') }) : t('doctor.proxies.somebody');
}

function evidenceOf({ id, evidence }) {
  return el(
    'li',
    { dataset: { proxy: id ?? 'unknown' } },
    id ? `${nameOf(id)}: ` : null,
    evidence.flatMap((line, index) => [index > 0 ? ', ' : null, el('code', {}, line)]),
  );
}

function settings(id, kinds, open) {
  const shown = [...kinds, ...ALL.filter((kind) => !kinds.includes(kind))].filter((kind) => SETTINGS[id][kind]);
  return el(
    'details',
    { open, class: 'doctor-fix', dataset: { fix: id } },
    el('summary', {}, nameOf(id)),
    el('p', {}, t(`doctor.fix.${id}`)),
    shown.flatMap((kind) => [
      el('h4', {}, t(`doctor.fix.${kind}`)),
      // Focusable, because it may have to be scrolled horizontally by keyboard.
      el(
        'pre',
        { tabIndex: 0, role: 'group', 'aria-label': `${nameOf(id)}: ${t(`doctor.fix.${kind}`)}` },
        el('code', {}, SETTINGS[id][kind]),
      ),
    ]),
  );
}

/** Without TLS, proxies and virus scanners in between can read and delay the stream. */
function isPlainAndFar() {
  return location.protocol === 'http:' && !/^(localhost|127\.|\[::1\])/.test(location.hostname);
}

function nameOf(id) {
  return SETTINGS[id].name || t('doctor.corporate');
}
