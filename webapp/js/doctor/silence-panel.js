import { el } from '../base/dom.js';
import { formatDuration, formatNumber, t } from '../base/i18n.js';
import { advice } from './advice.js';
import { record } from './arrivals.js';
import { proxiesIn } from './proxies.js';
import { judgeSilences } from './silences.js';
import { judge } from './verdict.js';

/** The default silences: slightly longer than the usual timeouts of proxies, 60 s and 100 s. */
const USUAL = '65, 105';

/** The longest silence of the server, in seconds. */
const LONGEST = 120;

const MOST_LENGTHS = 3;

/** A browser opens six connections to a server that speaks HTTP/1.1; the chat needs one or two. */
const AT_ONCE = 4;

/** The server's default heartbeat, in ms, unless its first event names another. */
const HEARTBEAT = 15_000;

/** The number of events before the silence, so that it is within an answer. */
const BEFORE = { events: 5, interval: 200 };

/** Runs test streams with long silences, each with and without heartbeats, and shows the results. */
export class SilencePanel {
  #open;
  #onFound;
  #protocol;
  #lengths;
  #start;
  #stop;
  #rows = el('tbody');
  #table;
  #verdict = el('div', { class: 'doctor-verdict', role: 'status' });
  #advice = el('div');
  #running = null;
  #told = [];

  /**
   * @param {{open: () => {key: ?string}, protocol: () => string, onFound: (said: Object) => void}} page `open` gives
   *   what a stream needs, `protocol` the one that the browser speaks here, and `onFound` is told of the verdict
   */
  constructor({ open, protocol, onFound }) {
    this.#open = open;
    this.#onFound = onFound;
    this.#protocol = protocol;
    this.#lengths = el('input', {
      type: 'text',
      id: 'doctor-silences',
      value: USUAL,
      autocomplete: 'off',
      inputMode: 'decimal',
      'aria-describedby': 'doctor-silences-hint',
    });
    this.#start = el('button', { type: 'submit' }, t('doctor.silence.start'));
    this.#stop = el('button', { type: 'button', hidden: true, on: { click: () => this.stop() } }, t('doctor.stop'));
    this.#table = el(
      'table',
      { class: 'doctor-table', hidden: true },
      el('caption', { class: 'visually-hidden' }, t('doctor.silence.title')),
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          ['length', 'heartbeats', 'outcome'].map((column) =>
            el('th', { scope: 'col' }, t(`doctor.silence.${column}`)),
          ),
        ),
      ),
      this.#rows,
    );
    this.element = el(
      'section',
      { class: 'doctor-silences' },
      el('h3', {}, t('doctor.silence.title')),
      el('p', {}, t('doctor.silence.intro')),
      el(
        'form',
        { class: 'row', on: { submit: (event) => this.#submit(event) } },
        el('label', { htmlFor: 'doctor-silences' }, t('doctor.silence.lengths')),
        this.#lengths,
        this.#start,
        this.#stop,
      ),
      el('p', { id: 'doctor-silences-hint', class: 'quiet-text' }, t('doctor.silence.hint', { longest: LONGEST })),
      this.#table,
      this.#verdict,
      this.#advice,
    );
  }

  /** The outcome so far, in lines for the report. */
  get told() {
    return this.#told;
  }

  stop() {
    this.#running?.abort();
  }

  async #submit(event) {
    event.preventDefault();
    if (this.#running) {
      return;
    }
    const lengths = lengthsIn(this.#lengths.value);
    this.#lengths.setCustomValidity(lengths ? '' : t('doctor.silence.hint', { longest: LONGEST }));
    if (!this.#lengths.reportValidity()) {
      this.#lengths.addEventListener('input', () => this.#lengths.setCustomValidity(''), { once: true });
      return;
    }
    const runs = lengths.flatMap((seconds) => [
      { seconds, heartbeat: false },
      { seconds, heartbeat: true },
    ]);
    this.#running = new AbortController();
    this.#showBusy(true);
    this.#verdict.replaceChildren();
    this.#advice.replaceChildren();
    this.#table.hidden = false;
    this.#rows.replaceChildren(...runs.map((run) => rowOf(run)));
    // With HTTP/2 or 3 they would share a connection and keep it alive for each other.
    await inTurns(runs, /^h[23]/.test(this.#protocol()) ? 1 : AT_ONCE, (run) => this.#run(run));
    this.#running = null;
    this.#showBusy(false);
    this.#tell(runs);
  }

  async #run(run) {
    const since = performance.now();
    const ticking = setInterval(() => {
      run.outcome.textContent = t('doctor.silence.running', { time: formatDuration(performance.now() - since) });
    }, 1000);
    run.outcome.textContent = t('doctor.silence.running', { time: formatDuration(0) });
    const recording = await record(
      { ...BEFORE, silence: run.seconds * 1000, heartbeat: run.heartbeat },
      { ...this.#open(), signal: this.#running.signal },
    );
    clearInterval(ticking);
    run.found = judge(recording);
    run.recording = recording;
    run.outcome.textContent = outcomeInWords(run.found);
    run.outcome.dataset.outcome = run.found.verdict;
  }

  #tell(runs) {
    const answered = runs.map(({ recording }) => recording).find(({ hello }) => hello) ?? runs[0].recording;
    const heartbeat = answered.hello?.heartbeat_ms ?? HEARTBEAT;
    const said = judgeSilences(runs, heartbeat);
    const title = t(`doctor.silence.${said.verdict}`, { after: formatDuration(said.after ?? 0) });
    const text = t(`doctor.silence.${said.verdict}.text`, {
      after: formatDuration(said.after ?? 0),
      longest: formatDuration(said.longest * 1000),
      heartbeat: formatDuration(heartbeat),
      recommended: `${said.recommended}s`,
    });
    this.#verdict.dataset.verdict = said.verdict;
    this.#verdict.replaceChildren(
      el('p', { class: 'doctor-headline' }, title),
      el('p', {}, text),
      ...(said.moot && said.verdict === 'held'
        ? [el('p', {}, t('doctor.silence.moot', { heartbeat: formatDuration(heartbeat) }))]
        : []),
    );
    this.#told = [
      `${title} ${text}`,
      ...runs.map(
        ({ seconds, heartbeat: with_, found }) =>
          `${seconds} s, ${t(with_ ? 'doctor.silence.with' : 'doctor.silence.without')}: ${outcomeInWords(found)}`,
      ),
    ];
    if (said.after !== null) {
      this.#advice.replaceChildren(advice(proxiesIn(answered), ['silence']));
    }
    this.#onFound(said);
  }

  #showBusy(busy) {
    const focused = [this.#start, this.#stop].includes(document.activeElement);
    this.#start.hidden = busy;
    this.#stop.hidden = !busy;
    this.#lengths.disabled = busy;
    if (focused) {
      (busy ? this.#stop : this.#start).focus();
    }
  }
}

/** @returns {?number[]} different lengths in seconds, the shortest first; null if it is no such list */
function lengthsIn(text) {
  const lengths = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
  const right = lengths.length > 0 && lengths.length <= MOST_LENGTHS && lengths.every((n) => n >= 1 && n <= LONGEST);
  return right ? [...new Set(lengths)].sort((a, b) => a - b) : null;
}

function rowOf(run) {
  run.outcome = el('td', {}, t('doctor.silence.waiting'));
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, t('time.seconds', { seconds: formatNumber(run.seconds) })),
    el('td', {}, t(run.heartbeat ? 'doctor.silence.with' : 'doctor.silence.without')),
    run.outcome,
  );
}

function outcomeInWords(found) {
  if (found.verdict === 'cut') {
    return t('doctor.silence.outcome.cut', { after: formatDuration(found.after) });
  }
  if (found.verdict === 'blocked' || found.verdict === 'stopped') {
    return t(`doctor.verdict.${found.verdict}`);
  }
  return t('doctor.silence.outcome.held', { count: found.numbers.comments });
}

/** Runs tasks in order, so many at a time. */
async function inTurns(all, atOnce, task) {
  const waiting = [...all];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await task(next);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
