/**
 * The verdict on a recorded test stream. It only computes: it uses no clock, no network and no page.
 *
 * The server writes into each event when it wrote it, by a clock of its own; the page notes when it arrived, by another.
 * Their difference is the time on the way plus an unknown constant, and the fastest event of all had nearly no delay
 * but the network's. So `lateness = arrival − sent`, less the least of them, is how long each event was held up beyond
 * what the way needs, with no clock in common.
 *
 * @typedef {Object} Recording times in milliseconds since the request left, by the page's clock, unless said otherwise
 * @property {{events: number, interval: number, silence: number, heartbeat: boolean}} asked
 * @property {?number} status null if no answer came
 * @property {boolean} redirected to somewhere that the page cannot see
 * @property {[string, string][]} headers of the response, names in lower case
 * @property {?number} toHeaders when they were there
 * @property {?Object} hello the server's first event
 * @property {{at: number, bytes: number, events: number, comments: number}[]} reads
 * @property {{n: number, sent: number, at: number}[]} ticks `sent` by the server's clock
 * @property {?number} silenceAt when the announcement of the silence arrived
 * @property {'done'|'closed'|'broken'|'overdue'|'stopped'} end with its last event; without it, cleanly; without it, by
 *   an error; not within all patience; by the reader
 * @property {number} endedAt
 * @property {boolean} hidden whether the page was not to be seen for a while
 * @property {{from: number, to: number}[]} stalls times in which the page itself could do nothing
 * @property {number} encodedBytes of the body on the wire, and
 * @property {number} decodedBytes after any compression was undone; 0 where the browser does not tell
 */

/**
 * Up to here, in milliseconds and for 95 of 100 events, words seem to come as they are written. A direct line gives 1
 * to 20, a busy mobile one 100; a proxy that buffers gives half a second and more, for it waits for kilobytes.
 */
export const LIVE = 150;

/** If all events arrive within this share of the time in which they were sent, they were held until the last one. */
const AT_ONCE = 0.1;

/** This many events that arrive together are a burst. Two can arrive together on any network, by delayed acknowledgements. */
const BURST = 3;

/** Part of the events that must have come in bursts; less is a hiccup of the network and not the work of a proxy. */
const BURSTS_RULE = 0.5;

/** With fewer events, or in less time, a buffer cannot be distinguished from the jitter of a network. */
const LEAST_EVENTS = 10;
const LEAST_SPAN = 4 * LIVE;

/** With too little bandwidth the lateness grows linearly, by at least this much in each millisecond. */
const SLOW_GROWTH = 0.05;
const SLOW_EVENNESS = 0.8;

/** After a stall, what has piled up is worked off, in ms. */
const AFTER_A_STALL = 50;

/** If the server or the page stalled for this part of the largest lateness, the network is not the cause. */
const NOT_THE_WAY = 0.5;

/**
 * @param {Recording} recording
 * @returns {{verdict: string, reason: ?string, warnings: string[], after: ?number, encoding: ?string, numbers: Object}}
 *   `verdict` is `live`, `bursty`, `buffered`, `compressed`, `cut`, `blocked`, `slow`, `inconclusive` or `stopped`;
 *   `reason` tells kinds of one verdict apart; `after` is the silence, in ms, before it was cut
 */
export function judge(recording) {
  const numbers = inNumbers(recording);
  const encoding = encodingOf(recording);
  const found = (verdict, reason = null, after = null) => ({
    verdict,
    reason,
    after,
    encoding,
    numbers,
    warnings: warningsOf(recording, verdict, encoding, numbers),
  });
  if (recording.end === 'stopped') {
    return found('stopped');
  }
  const obstacle = obstacleOf(recording);
  if (obstacle) {
    return found('blocked', obstacle);
  }
  if (recording.end !== 'done') {
    const silent = numbers.events >= recording.asked.events && recording.asked.silence > 0;
    return found('cut', silent ? 'silence' : 'midway', silenceBeforeTheEnd(recording));
  }
  if (numbers.events < Math.min(LEAST_EVENTS, recording.asked.events) || numbers.events < LEAST_EVENTS) {
    return found('inconclusive', 'few');
  }
  if (numbers.sentOver < LEAST_SPAN) {
    return found('inconclusive', 'brief');
  }
  const clear = whileThePageRan(recording);
  const held = holdUpOf(clear ? inNumbers({ ...recording, ticks: clear }) : numbers);
  if (!held) {
    return found('live');
  }
  const excuse = excuseOf(recording, numbers, clear);
  if (excuse) {
    return found('inconclusive', excuse);
  }
  return encoding && held !== 'slow' ? found('compressed', held) : found(held);
}

/** How events were held up: `buffered`, `bursty`, `slow`, or null if they were not. */
function holdUpOf(numbers) {
  if (numbers.p95 <= LIVE) {
    return null;
  }
  if (numbers.arrivedOver <= AT_ONCE * numbers.sentOver) {
    return 'buffered';
  }
  if (numbers.inBursts >= BURSTS_RULE) {
    return 'bursty';
  }
  return numbers.growth >= SLOW_GROWTH && numbers.evenness >= SLOW_EVENNESS ? 'slow' : null;
}

/** The reason why late events prove nothing about the network; null if there is none. */
function excuseOf(recording, numbers, clear) {
  if (recording.hidden) {
    return 'hidden';
  }
  const much = Math.max(LIVE, NOT_THE_WAY * numbers.max);
  if (numbers.serverStall >= much) {
    return 'server';
  }
  return !clear && longestStall(recording) >= much ? 'page' : null;
}

/**
 * The ticks that did not arrive while the page stood still or soon after: what is said of them is said of the way. If
 * most did, there are too few left to tell, and it is null.
 */
function whileThePageRan({ ticks, stalls }) {
  const inAStall = ({ at }) => stalls.some(({ from, to }) => at >= from && at <= to + AFTER_A_STALL);
  const clear = ticks.filter((tick) => !inAStall(tick));
  return clear.length >= LEAST_EVENTS && clear.length >= ticks.length / 2 ? clear : null;
}

/** For how long, in ms, the page could do nothing at worst. */
export function longestStall({ stalls }) {
  return Math.max(0, ...stalls.map(({ from, to }) => to - from));
}

function obstacleOf(recording) {
  if (recording.redirected) {
    return 'redirected';
  }
  if (recording.status === null) {
    return recording.end === 'overdue' ? 'overdue' : 'unreachable';
  }
  if (recording.status !== 200) {
    return recording.status === 401 ? 'key' : 'status';
  }
  const type = (headerOf(recording, 'content-type') ?? '').split(';')[0].trim().toLowerCase();
  if (type !== 'text/event-stream') {
    return type === 'text/html' ? 'html' : 'type';
  }
  if (recording.reads.length === 0 && recording.end === 'overdue') {
    return 'overdue';
  }
  // Some other server's events, or none of ours in a whole answer.
  return recording.hello === null && recording.end !== 'broken' && recording.reads.length > 0 ? 'foreign' : null;
}

/** How long nothing had come when the end came. */
function silenceBeforeTheEnd({ reads, endedAt, asked, toHeaders }) {
  if (reads.length > 0) {
    return endedAt - reads[reads.length - 1].at;
  }
  // Not even the events before the silence arrived, although the time for them has passed.
  return Math.max(0, endedAt - Math.max(toHeaders ?? 0, asked.events * asked.interval));
}

function warningsOf(recording, verdict, encoding, numbers) {
  const warnings = [];
  if (encoding && verdict !== 'compressed') {
    warnings.push('compressed');
  }
  if (verdict === 'live' && numbers.p95 > LIVE) {
    warnings.push('hiccups');
  }
  if (recording.hello?.protocol === 'HTTP/1.0' && verdict !== 'live') {
    warnings.push('http10');
  }
  if (recording.hidden && verdict !== 'live' && verdict !== 'stopped') {
    warnings.push('hidden');
  }
  return warnings;
}

/** What compressed the body, or null. A browser undoes it, but says how many bytes there were. */
function encodingOf(recording) {
  const encoding = headerOf(recording, 'content-encoding')?.toLowerCase();
  if (encoding && encoding !== 'identity') {
    return encoding;
  }
  return recording.encodedBytes > 0 && recording.encodedBytes < recording.decodedBytes ? '?' : null;
}

/** @returns {?string} the value of a response header */
export function headerOf(recording, name) {
  return recording.headers.find(([known]) => known === name)?.[1] ?? null;
}

/** The lateness of each tick, in ms: see above. */
export function latenessOf(ticks) {
  const least = Math.min(...ticks.map(({ sent, at }) => at - sent));
  return ticks.map(({ sent, at }) => at - sent - least);
}

function inNumbers(recording) {
  const { asked, reads } = recording;
  const ticks = recording.ticks.filter(({ n }) => n <= asked.events);
  const late = latenessOf(ticks);
  const sorted = late.toSorted((a, b) => a - b);
  const groups = groupsOf(ticks);
  const starts = groups.map((group) => group[0].at);
  const sentGaps = gaps(ticks.map(({ sent }) => sent));
  return {
    asked: asked.events,
    events: ticks.length,
    reads: reads.length,
    bytes: reads.reduce((sum, { bytes }) => sum + bytes, 0),
    comments: reads.reduce((sum, { comments }) => sum + comments, 0),
    toHeaders: recording.toHeaders,
    toFirst: ticks[0]?.at ?? null,
    sentOver: spanOf(ticks.map(({ sent }) => sent)),
    arrivedOver: spanOf(ticks.map(({ at }) => at)),
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    max: quantile(sorted, 1),
    groups: groups.length,
    perGroup: ticks.length / Math.max(1, groups.length),
    period: quantile(
      gaps(starts).toSorted((a, b) => a - b),
      0.5,
    ),
    inBursts: share(groups.filter((group) => group.length >= BURST).flat().length, ticks.length),
    serverStall: Math.max(0, ...sentGaps.map((gap) => gap - asked.interval)),
    ...trend(
      ticks.map(({ sent }) => sent),
      late,
    ),
  };
}

/** Ticks that arrived together: within a quarter of the pace at which they are sent. */
function groupsOf(ticks) {
  const pace = ticks.length > 1 ? spanOf(ticks.map(({ sent }) => sent)) / (ticks.length - 1) : 0;
  const together = Math.min(25, Math.max(2, pace / 4));
  const groups = [];
  ticks.forEach((tick, index) => {
    if (index === 0 || tick.at - ticks[index - 1].at > together) {
      groups.push([]);
    }
    groups[groups.length - 1].push(tick);
  });
  return groups;
}

/** The least-squares line through (x, y): its slope, and the part of the spread of y that it explains. */
function trend(x, y) {
  const n = x.length;
  const meanX = x.reduce((a, b) => a + b, 0) / n;
  const meanY = y.reduce((a, b) => a + b, 0) / n;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let i = 0; i < n; i++) {
    xx += (x[i] - meanX) ** 2;
    xy += (x[i] - meanX) * (y[i] - meanY);
    yy += (y[i] - meanY) ** 2;
  }
  return xx > 0 && yy > 0 ? { growth: xy / xx, evenness: xy ** 2 / (xx * yy) } : { growth: 0, evenness: 0 };
}

function gaps(times) {
  return times.slice(1).map((time, index) => time - times[index]);
}

function spanOf(times) {
  return times.length > 1 ? times[times.length - 1] - times[0] : 0;
}

function share(part, whole) {
  return whole > 0 ? part / whole : 0;
}

function quantile(sorted, part) {
  return sorted.length > 0 ? sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] : 0;
}
