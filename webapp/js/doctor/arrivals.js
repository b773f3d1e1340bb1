import { SseParser } from '../server/sse.js';

/** The longest delay of the last event behind its time, in ms; then the test ends. */
const PATIENCE = 30_000;

/** The most bytes of the answer, many times what the server sends. A longer answer is not the server's. */
const MOST_BYTES = 1 << 20;

/** The interval of a timer, in ms, that detects when the page cannot run. */
const PULSE = 50;

/** A timer that is late by this much, in ms, is a stall; and the most stalls that are recorded. */
const STALL = 100;
const MOST_STALLS = 500;

/** The longest wait, in ms, for the resource timing of a request that has ended. */
const TIMING_PATIENCE = 500;

/**
 * Requests a test stream and records the time of each arrival.
 *
 * @param {{events: number, interval: number, silence: number, heartbeat: boolean}} asked times in ms
 * @param {{key: ?string, signal: AbortSignal, onArrival?: (recording: Object) => void}} how `onArrival` is told of the
 *   recording so far, with each read
 * @returns {Promise<Object>} the recording, as `doctor-verdict.js` describes it, with `protocol`, `error` (the
 *   browser's words), `said` (the server's, if it refused) and `startedAt` (a Date) beside; however it ends, nothing is
 *   thrown
 */
export async function record(asked, { key, signal, onArrival = () => {} }) {
  const url = new URL(`doctor/stream?${query(asked)}`, document.baseURI);
  const abort = new AbortController();
  const recording = empty(asked);
  const stop = () => abort.abort();
  const overdue = setTimeout(
    () => {
      recording.end = 'overdue';
      abort.abort();
    },
    asked.events * asked.interval + asked.silence + PATIENCE,
  );
  const timing = timingOf(url);
  const start = performance.now();
  const unwatch = watchThePage(recording, start);
  signal.addEventListener('abort', stop);
  try {
    if (signal.aborted) {
      throw signal.reason;
    }
    const response = await fetch(url, {
      headers: { Accept: 'text/event-stream', ...(key ? { Authorization: `Bearer ${key}` } : {}) },
      cache: 'no-store',
      redirect: 'manual', // not followed: the page's Content Security Policy forbids other origins, such as a login page's
      signal: abort.signal,
    });
    await read(response, recording, start, onArrival);
  } catch (error) {
    recording.error = error instanceof Error ? error.message : String(error);
    if (recording.end !== 'overdue' && recording.end !== 'done') {
      recording.end = 'broken';
    }
  } finally {
    clearTimeout(overdue);
    signal.removeEventListener('abort', stop);
    recording.endedAt = performance.now() - start;
    unwatch();
    stop(); // cancels an answer that was not read to its end
  }
  if (signal.aborted && recording.end !== 'done') {
    recording.end = 'stopped';
    timing.give(null);
  }
  const entry = await timing.found;
  recording.protocol = entry?.nextHopProtocol ?? '';
  recording.encodedBytes = entry?.encodedBodySize ?? 0;
  recording.decodedBytes = entry?.decodedBodySize ?? 0;
  return recording;
}

function query(asked) {
  return new URLSearchParams({
    events: asked.events,
    'interval-ms': asked.interval,
    'silence-ms': asked.silence,
    heartbeat: asked.heartbeat ? 'on' : 'off',
  });
}

function empty(asked) {
  return {
    asked,
    startedAt: new Date(),
    status: null,
    redirected: false,
    headers: [],
    toHeaders: null,
    hello: null,
    reads: [],
    ticks: [],
    silenceAt: null,
    end: 'closed',
    endedAt: 0,
    hidden: document.visibilityState === 'hidden',
    stalls: [],
    encodedBytes: 0,
    decodedBytes: 0,
    protocol: '',
    error: null,
    said: null,
  };
}

async function read(response, recording, start, onArrival) {
  recording.toHeaders = performance.now() - start;
  recording.redirected = response.type === 'opaqueredirect';
  if (recording.redirected) {
    return;
  }
  recording.status = response.status;
  recording.headers = [...response.headers];
  const type = response.headers.get('content-type') ?? '';
  if (response.status !== 200) {
    recording.said = type.startsWith('application/json') ? await messageOf(response) : null;
    return;
  }
  if (!type.startsWith('text/event-stream') || !response.body) {
    return;
  }
  let comments = 0;
  const parser = new SseParser(() => comments++);
  const reader = response.body.getReader();
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    const at = performance.now() - start;
    if (done || bytes > MOST_BYTES) {
      return;
    }
    bytes += value.length;
    comments = 0;
    const events = parser.feed(value);
    recording.reads.push({ at, bytes: value.length, events: events.length, comments });
    for (const event of events) {
      take(event, at, recording);
    }
    onArrival(recording);
  }
}

/** The message of an error of Sluice's; null for a proxy's, which is an HTML page. */
async function messageOf(response) {
  const length = Number(response.headers.get('content-length') ?? 0);
  if (length > MOST_BYTES) {
    return null;
  }
  const told = await response.json().catch(() => null);
  return typeof told?.error?.message === 'string' ? told.error.message : null;
}

/** Ignores events that are not the doctor's. If there are none of the doctor's, the verdict says so. */
function take({ type, data }, at, recording) {
  let told;
  try {
    told = JSON.parse(data);
  } catch {
    return;
  }
  if (type === 'hello') {
    recording.hello = told;
  } else if (type === 'tick' && Number.isFinite(told?.n) && Number.isFinite(told.sent_ms)) {
    recording.ticks.push({ n: told.n, sent: told.sent_ms, at });
  } else if (type === 'silence') {
    recording.silenceAt = at;
  } else if (type === 'error') {
    recording.said = told?.error?.message ?? null; // the server has ended the stream, for example because it stops
  } else if (type === 'done') {
    recording.end = 'done';
  }
}

/** Records whether the page was hidden, so that the browser throttled it, or could not run. */
function watchThePage(recording, start) {
  const look = () => {
    recording.hidden ||= document.visibilityState === 'hidden';
  };
  let last = performance.now();
  const pulse = setInterval(() => {
    const now = performance.now();
    if (now - last - PULSE >= STALL && recording.stalls.length < MOST_STALLS) {
      recording.stalls.push({ from: last - start, to: now - start });
    }
    last = now;
  }, PULSE);
  document.addEventListener('visibilitychange', look);
  return () => {
    clearInterval(pulse);
    document.removeEventListener('visibilitychange', look);
  };
}

/** The resource timing of the next request of this URL, soon after its end; null if the browser has none. */
function timingOf(url) {
  let give;
  const found = new Promise((resolve) => {
    const since = performance.now() - 1;
    const observer = new PerformanceObserver((list) => {
      const entry = list.getEntries().find(({ name, startTime }) => name === url.href && startTime >= since);
      if (entry) {
        give(entry);
      }
    });
    give = (entry) => {
      observer.disconnect();
      resolve(entry);
    };
    // By an observer, because the buffer of resource timings may be full.
    observer.observe({ type: 'resource' });
  });
  return {
    get found() {
      setTimeout(give, TIMING_PATIENCE, null);
      return found;
    },
    give,
  };
}
