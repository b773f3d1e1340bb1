import { SseParser } from '../server/sse.js';

/** What the server's events should need beyond the time in which it sends them, in ms: then we wait no longer. */
const PATIENCE = 30_000;

/** Of the answer's bytes: many times what the server sends at most. What is longer is not its answer. */
const MOST_BYTES = 1 << 20;

/** The page asks itself so often, in ms, whether it still runs. */
const PULSE = 50;

/** From here on, in ms, a pulse that is late is a stall; so many of them are written down at most. */
const STALL = 100;
const MOST_STALLS = 500;

/** How long the browser may take, in ms, until it tells the sizes and the protocol of a request that has ended. */
const TIMING_PATIENCE = 500;

/**
 * Asks the server for a test stream and writes down when what arrives.
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
      redirect: 'manual', // to a login page elsewhere, say: our policy would not let us follow
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
    stop(); // lets go of an answer that was not read to its end
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

/** Sluice's own words in a failure, or null; a proxy's are for people with a browser window to read them in. */
async function messageOf(response) {
  const length = Number(response.headers.get('content-length') ?? 0);
  if (length > MOST_BYTES) {
    return null;
  }
  const told = await response.json().catch(() => null);
  return typeof told?.error?.message === 'string' ? told.error.message : null;
}

/** What is not the doctor's own event is passed over: the verdict says what it means that none came. */
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
    recording.said = told?.error?.message ?? null; // the server gave up: it drains, say
  } else if (type === 'done') {
    recording.end = 'done';
  }
}

/** Notes while it runs whether the page was hidden, where browsers let it run seldom, or stood still. */
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

/** The browser's own account of the next request of this address, soon after its end; null if it gives none. */
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
    // By an observer, as the buffer of a page that has long been open is full.
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
