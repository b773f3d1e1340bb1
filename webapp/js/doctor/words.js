import { formatDuration, formatNumber, t } from '../base/i18n.js';
import { requestHeaders } from './proxies.js';
import { longestStall } from './verdict.js';

/** A time in milliseconds as text: `0.4 ms`, `12 ms`, `1,250 ms`. */
export function formatMillis(ms) {
  return t('doctor.ms', { ms: formatNumber(ms, { maximumFractionDigits: ms < 10 ? 1 : 0 }) });
}

/** A time as text, in milliseconds or in seconds. */
function formatSpan(ms) {
  return ms < 1000 ? formatMillis(ms) : formatDuration(ms);
}

/** @returns {{title: string, text: string, warnings: string[]}} a verdict of `judge`, in words */
export function verdictInWords(found, recording) {
  const { verdict, reason, numbers } = found;
  const parameters = {
    events: numbers.events,
    asked: numbers.asked,
    p95: formatMillis(numbers.p95),
    max: formatSpan(numbers.max),
    interval: formatMillis(recording.asked.interval),
    group: Math.max(2, Math.round(numbers.perGroup)),
    period: formatSpan(numbers.period),
    sent: formatSpan(numbers.sentOver),
    arrived: formatSpan(Math.max(1, numbers.arrivedOver)),
    elapsed: formatSpan(recording.endedAt),
    after: formatDuration(found.after ?? 0),
    encoding: found.encoding ?? '',
    status: String(recording.status ?? ''),
    type: recording.headers.find(([name]) => name === 'content-type')?.[1] ?? '',
    stall: formatSpan(Math.max(numbers.serverStall, longestStall(recording))),
  };
  const kind = reason ? `${verdict}.${reason}` : verdict;
  const text = t(`doctor.verdict.${kind}.text`, parameters);
  return {
    title:
      verdict === 'cut' && reason === 'silence'
        ? t('doctor.verdict.cut.silence', parameters)
        : t(`doctor.verdict.${verdict}`),
    text: recording.said ? `${text} ${t('doctor.said', { message: recording.said })}` : text,
    warnings: found.warnings.map((warning) => t(`doctor.warning.${warning}`, parameters)),
  };
}

/** @returns {[string, string][]} what was counted and timed, each with its name */
export function numbersInWords(found, recording) {
  const { numbers } = found;
  const rows = [];
  const row = (name, value) => rows.push([t(`doctor.number.${name}`), value]);
  row('events', t('doctor.of', { part: numbers.events, whole: numbers.asked }));
  if (numbers.events > 1) {
    row(
      'lateness',
      t('doctor.lateness', {
        p50: formatMillis(numbers.p50),
        p95: formatMillis(numbers.p95),
        max: formatMillis(numbers.max),
      }),
    );
    row('over', t('doctor.over', { sent: formatSpan(numbers.sentOver), arrived: formatSpan(numbers.arrivedOver) }));
  }
  if (numbers.reads > 0) {
    row('reads', t('doctor.reads', { reads: numbers.reads, groups: numbers.groups, bytes: numbers.bytes }));
  }
  if (numbers.comments > 0) {
    row('heartbeats', formatNumber(numbers.comments));
  }
  if (numbers.toHeaders !== null) {
    row('headers', formatMillis(numbers.toHeaders));
  }
  if (numbers.toFirst !== null) {
    row('first', formatMillis(numbers.toFirst));
  }
  row(
    'protocol',
    t('doctor.protocols', {
      browser: recording.protocol || '?',
      server: String(recording.hello?.protocol ?? '?'),
    }),
  );
  row('compression', found.encoding ?? t('doctor.none'));
  if (recording.error && recording.end === 'broken') {
    row('error', recording.error);
  }
  return rows;
}

/** The plot in one sentence. */
export function plotInWords(numbers) {
  return t('doctor.plot.description', {
    events: numbers.events,
    sent: formatSpan(numbers.sentOver),
    arrived: formatSpan(numbers.arrivedOver),
    p95: formatMillis(numbers.p95),
  });
}

/** The whole report as plain text, for a support ticket. It contains neither keys nor cookies. */
export function report({ recording, found, proxies, silences }) {
  const words = verdictInWords(found, recording);
  const proxiesToldOf = proxies.map(
    ({ id, name, evidence }) => `${id ? name || t('doctor.corporate') : '?'} (${evidence.join('; ')})`,
  );
  const section = (title, lines) => (lines.length > 0 ? ['', title, ...lines.map((line) => `  ${line}`)] : []);
  return [
    `${t('doctor.title')}: ${words.title}`,
    words.text,
    ...words.warnings,
    ...section(
      t('doctor.report.numbers'),
      numbersInWords(found, recording).map(([name, value]) => `${name}: ${value}`),
    ),
    ...section(t('doctor.silence.title'), silences),
    ...section(t('doctor.proxies.title'), proxiesToldOf),
    ...section(
      t('doctor.report.answer', { status: String(recording.status ?? '–') }),
      recording.headers.map(([name, value]) => `${name}: ${value}`),
    ),
    ...section(
      t('doctor.report.request'),
      [...requestHeaders(recording)].map(([name, value]) => `${name}: ${value}`),
    ),
    ...section(t('doctor.report.run'), [
      recording.startedAt.toISOString(),
      `${location.origin}${new URL('doctor/stream', document.baseURI).pathname}`,
      `events=${recording.asked.events} interval-ms=${recording.asked.interval} version=${recording.hello?.version ?? '?'}`,
      navigator.userAgent,
    ]),
    '',
  ].join('\n');
}
