import { el } from '../base/dom.js';
import { formatNumber, t } from '../base/i18n.js';
import { advice, settingsAgainst } from './advice.js';
import { record } from './arrivals.js';
import { Plot, pointsOf } from './plot.js';
import { proxiesIn } from './proxies.js';
import { SilencePanel } from './silence-panel.js';
import { judge } from './verdict.js';
import { numbersInWords, plotInWords, report, verdictInWords } from './words.js';

/** The default parameters: enough events for a verdict, within a few seconds. */
const USUAL = { events: 50, interval: 100 };

/** The limits of the server. */
const BOUNDS = { events: [10, 1000], interval: [0, 10_000] };

/**
 * Builds the stream doctor in an element: it requests a test stream and shows the verdict.
 *
 * @param {HTMLElement} element
 * @param {{accessKey: () => ?string, askForKey: (why: string) => Promise<boolean>}} access `askForKey` is called when
 *   the server asks for a key; if one is given, the stream is asked for again
 * @returns {{start: () => Promise<void>, stop: () => void}} `start` is over when the verdict is there; `stop` ends
 *   whatever runs
 */
export function mountDoctor(element, access) {
  const doctor = new Doctor(access);
  element.replaceChildren(doctor.element);
  return { start: () => doctor.start(), stop: () => doctor.stop() };
}

class Doctor {
  #access;
  #events = number('doctor-events', USUAL.events, BOUNDS.events);
  #interval = number('doctor-interval', USUAL.interval, BOUNDS.interval);
  #start = el('button', { type: 'submit', class: 'primary' }, t('doctor.start'));
  #stop = el('button', { type: 'button', hidden: true, on: { click: () => this.stop() } }, t('doctor.stop'));
  #progress = el('progress', { 'aria-label': t('doctor.progress.label') });
  #count = el('span', { class: 'quiet-text' });
  #progressLine = el('p', { class: 'row doctor-progress', hidden: true }, this.#progress, this.#count);
  #verdict = el('div', { class: 'doctor-verdict', role: 'status' });
  #plot = new Plot();
  #figure;
  #details = el('div', { class: 'doctor-details' });
  #silences;
  #running = null;
  #frame = 0;
  /** The last result, for the report. */
  #latest = null;

  constructor(access) {
    this.#access = access;
    this.#silences = new SilencePanel({
      open: () => ({ key: access.accessKey() }),
      protocol: () =>
        this.#latest?.recording.protocol || performance.getEntriesByType('navigation')[0]?.nextHopProtocol || '',
      onFound: () => this.#renewReport(),
    });
    this.#figure = el(
      'figure',
      { class: 'doctor-figure', hidden: true },
      this.#plot.element,
      el(
        'figcaption',
        {},
        el('span', { class: 'doctor-key doctor-key-sent' }, t('doctor.plot.sent')),
        el('span', { class: 'doctor-key doctor-key-arrived' }, t('doctor.plot.arrived')),
      ),
    );
    this.element = el(
      'div',
      { class: 'doctor' },
      el('h2', {}, t('doctor.title')),
      el('p', {}, t('doctor.intro')),
      this.#form(),
      this.#verdict,
      this.#figure,
      this.#details,
      this.#silences.element,
    );
  }

  async start() {
    if (this.#running) {
      return;
    }
    const asked = {
      events: this.#events.valueAsNumber,
      interval: this.#interval.valueAsNumber,
      silence: 0,
      heartbeat: true,
    };
    this.#running = new AbortController();
    this.#showBusy(true, asked);
    let recording = await this.#record(asked);
    if (recording.status === 401) {
      const given = await this.#access.askForKey(recording.said ?? '');
      if (given && !this.#running.signal.aborted) {
        recording = await this.#record(asked);
      }
    }
    this.#running = null;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#showBusy(false, asked);
    this.#show(recording);
  }

  stop() {
    this.#running?.abort();
    this.#silences.stop();
  }

  #record(asked) {
    return record(asked, {
      key: this.#access.accessKey(),
      signal: this.#running.signal,
      onArrival: (recording) => {
        // A hidden page has no frames, and needs no drawing.
        this.#frame ||= requestAnimationFrame(() => {
          this.#frame = 0;
          this.#draw(recording);
        });
      },
    });
  }

  #draw(recording) {
    this.#plot.draw(recording);
    const arrived = Math.min(recording.ticks.length, recording.asked.events);
    this.#progress.value = arrived;
    this.#count.textContent = t('doctor.of', { part: arrived, whole: recording.asked.events });
  }

  #show(recording) {
    const found = judge(recording);
    const words = verdictInWords(found, recording);
    const proxies = proxiesIn(recording);
    this.#latest = { recording, found, proxies };
    this.#draw(recording);
    this.#plot.describe(plotInWords(found.numbers));
    this.#figure.hidden = recording.ticks.length === 0;
    // Set at once, because a screen reader reads it.
    this.#verdict.dataset.verdict = found.verdict;
    this.#verdict.replaceChildren(
      el('p', { class: 'doctor-headline' }, words.title),
      el('p', {}, words.text),
      ...words.warnings.map((warning) => el('p', { class: 'doctor-warning' }, warning)),
    );
    this.#details.replaceChildren(
      el(
        'dl',
        { class: 'doctor-numbers' },
        numbersInWords(found, recording).flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]),
      ),
      ...(recording.ticks.length > 0 ? [table(recording)] : []),
      advice(proxies, settingsAgainst(found)),
      this.#report(),
    );
  }

  #report() {
    const text = el('textarea', {
      id: 'doctor-report',
      class: 'doctor-report',
      readOnly: true,
      rows: 12,
      spellcheck: false,
      'aria-label': t('doctor.report.title'),
      value: report({ ...this.#latest, silences: this.#silences.told }),
    });
    const copied = el('span', { role: 'status', class: 'quiet-text' });
    const copy = async () => {
      try {
        await navigator.clipboard.writeText(text.value);
        copied.textContent = t('doctor.report.copied');
      } catch {
        // Copying fails over plain HTTP. The text is selected, so that a shortcut can copy it.
        text.focus();
        text.select();
        copied.textContent = t('doctor.report.selected');
      }
    };
    return el(
      'details',
      { class: 'doctor-fix' },
      el('summary', {}, t('doctor.report.title')),
      el('p', {}, t('doctor.report.intro')),
      text,
      el('p', { class: 'row' }, el('button', { type: 'button', on: { click: copy } }, t('doctor.report.copy')), copied),
    );
  }

  #renewReport() {
    const text = this.#details.querySelector('#doctor-report');
    if (text) {
      text.value = report({ ...this.#latest, silences: this.#silences.told });
    }
  }

  #form() {
    const submit = (event) => {
      event.preventDefault();
      this.start();
    };
    return el(
      'form',
      { class: 'doctor-form', on: { submit } },
      el(
        'div',
        { class: 'row' },
        el('label', { htmlFor: 'doctor-events' }, t('doctor.events')),
        this.#events,
        el('label', { htmlFor: 'doctor-interval' }, t('doctor.interval')),
        this.#interval,
        this.#start,
        this.#stop,
      ),
      this.#progressLine,
    );
  }

  #showBusy(busy, { events }) {
    const focused = [this.#start, this.#stop].includes(document.activeElement);
    this.#start.hidden = busy;
    this.#start.textContent = t('doctor.again');
    this.#stop.hidden = !busy;
    this.#events.disabled = busy;
    this.#interval.disabled = busy;
    this.#progressLine.hidden = !busy;
    this.#progress.max = events;
    if (busy) {
      this.#progress.value = 0;
      this.#count.textContent = '';
      this.#verdict.replaceChildren();
      delete this.#verdict.dataset.verdict;
      this.#details.replaceChildren();
      this.#figure.hidden = false;
      this.#plot.describe('');
      this.#plot.draw({ ticks: [], reads: [], asked: { events, interval: this.#interval.valueAsNumber } });
    }
    if (focused) {
      (busy ? this.#stop : this.#start).focus();
    }
  }
}

function number(id, value, [min, max]) {
  return el('input', { type: 'number', id, min, max, required: true, value });
}

/** The plot in numbers, for who does not see it or wants to know exactly. */
function table(recording) {
  const millis = (ms) => formatNumber(ms, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return el(
    'details',
    { class: 'doctor-fix' },
    el('summary', {}, t('doctor.table.title')),
    el(
      'div',
      { class: 'doctor-scroll', tabIndex: 0, role: 'group', 'aria-label': t('doctor.table.title') },
      el(
        'table',
        { class: 'doctor-table' },
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            ['event', 'sent', 'arrived', 'late'].map((column) =>
              el('th', { scope: 'col' }, t(`doctor.table.${column}`)),
            ),
          ),
        ),
        el(
          'tbody',
          {},
          pointsOf(recording.ticks).map(({ n, sent, arrived, late }) =>
            el(
              'tr',
              {},
              el('th', { scope: 'row' }, formatNumber(n)),
              [sent, arrived, late].map((ms) => el('td', {}, millis(ms))),
            ),
          ),
        ),
      ),
    ),
  );
}
