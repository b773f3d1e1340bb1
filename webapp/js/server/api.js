import { csrfHeader } from './csrf.js';
import { piecesOf } from './delta.js';
import { ReadAhead } from './read-ahead.js';
import { SseParser } from './sse.js';

/** The bytes of an answer that are passed on before the page renders. */
const DRAWN_EVERY = 64 * 1024;

/** The most bytes that have been read and not passed on: about twice what servers and networks buffer. */
const AHEAD = 8 * 1024 * 1024;

/** The longest event, in characters; events with images are long. */
const LONGEST_EVENT = 16 * 1024 * 1024;

/** The most bytes of an error response that are read. */
const LONGEST_REFUSAL = 64 * 1024;

/** The longest wait for the end of the response behind a complete answer, in milliseconds. */
const ENDS_WITHIN = 2_000;

/** Why there is no answer, or no more of it, with the server's message if there is one. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {{status?: number, type?: ?string, code?: ?string, retryAfter?: number, retryAt?: number, kind?: string}} [about]
   *   `retryAfter` is in seconds, and `retryAt` the same as a time, in milliseconds since 1970; `kind` is set where nobody has
   *   said anything, and this page has to: `unreachable`, `not-a-stream`, `broken-off`, `too-long`, `refused`
   */
  constructor(message, { status, type, code, retryAfter, retryAt, kind } = {}) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = code;
    this.retryAfter = retryAfter;
    this.retryAt = retryAt;
    this.kind = kind;
  }
}

/**
 * The names of the models on offer.
 *
 * @param {?string} key the access key, if there is one
 * @returns {Promise<string[]>}
 * @throws {Failure}
 */
export async function models(key) {
  const response = await send('v1/models', { headers: authorized(key) });
  if (!response.ok) {
    throw await refusal(response);
  }
  const list = await response.json().catch(() => null);
  return (Array.isArray(list?.data) ? list.data : []).map((model) => model.id).filter((id) => typeof id === 'string');
}

/**
 * Who asks, and what is left of the plan, as the server says it at this moment.
 *
 * @param {?string} key the access key, if there is one
 * @returns {Promise<?Object>} the answer of `GET /me`; null if there is none
 */
export async function me(key) {
  const response = await send('me', { headers: authorized(key) }).catch(() => null);
  if (!response?.ok) {
    await response?.body?.cancel();
    return null;
  }
  return response.json().catch(() => null);
}

/**
 * Asks for a completion, and tells what comes in the order in which it comes.
 *
 * @param {Object} request OpenAI's, without `stream`
 * @param {?string} key the access key, if there is one
 * @param {AbortSignal} signal takes the question back: the server then cancels its own call as well
 * @param {{
 *   begun: function({simulated: boolean}): void,
 *   text: function(string): void,
 *   reasoning: function(string): void,
 *   toolCall: function(import('./delta.js').ToolCallPiece): void,
 *   usage: function(Object): void,
 *   drawn: function(): Promise<void>,
 * }} listener `toolCall` hears one piece of a call at a time; more is told only once `drawn` says that what was told is
 *   drawn, or need not be
 * @returns {Promise<?string>} why the model stopped, once the answer is whole
 * @throws {Failure} if the answer is refused, or not whole; an AbortError if it was taken back
 */
export async function complete(request, key, signal, listener) {
  const response = await send('v1/chat/completions', {
    method: 'POST',
    headers: { ...authorized(key), ...csrfHeader(), 'Content-Type': 'application/json', Accept: 'text/event-stream' },
    body: JSON.stringify({ ...request, stream: true, stream_options: { include_usage: true } }),
    signal,
  });
  if (!response.ok) {
    throw await refusal(response);
  }
  if (!/^text\/event-stream\b/i.test(response.headers.get('Content-Type') ?? '') || !response.body) {
    await response.body?.cancel();
    throw new Failure('', { status: response.status, kind: 'not-a-stream' });
  }
  listener.begun({ simulated: response.headers.get('X-Sluice-Upstream') === 'simulator' });
  return new Completion(listener).read(new ReadAhead(response.body.getReader(), AHEAD), signal);
}

/** Receives one answer. */
class Completion {
  #listener;
  #finish = null;
  #done = false;
  #told = false; // whether any part of an answer has arrived
  #complaint = null; // an event that looks like an error without an `error` field; reported if the answer does not become complete

  constructor(listener) {
    this.#listener = listener;
  }

  async read(reader, signal) {
    const parser = new SseParser();
    let undrawn = 0;
    try {
      while (!this.#done) {
        const { done, value } = await reader.read();
        signal.throwIfAborted(); // whatever else has come
        if (done) {
          break;
        }
        parser.feed(value).forEach((event) => this.#take(event));
        if (parser.held > LONGEST_EVENT) {
          throw new Failure('', { kind: 'too-long' });
        }
        undrawn += value.length;
        if (undrawn >= DRAWN_EVERY) {
          undrawn = 0;
          await unless(signal, this.#listener.drawn());
        }
      }
    } catch (error) {
      reader.cancel().catch(() => {}); // the rest is not needed
      signal.throwIfAborted();
      if (error instanceof Failure) {
        throw error;
      }
      throw this.#complaint ?? new Failure('', { kind: 'broken-off' });
    }
    if (this.#done) {
      letEnd(reader);
    }
    // With a finish_reason, a stream that ends normally is complete without [DONE] too. Some servers never send a
    // finish_reason: there an answer is complete with [DONE].
    if (this.#finish === null && (this.#complaint || !this.#done || !this.#told)) {
      throw this.#complaint ?? new Failure('', { kind: 'broken-off' });
    }
    return this.#finish;
  }

  #take({ type, data }) {
    if (this.#done) {
      return;
    }
    if (data.trim() === '[DONE]') {
      this.#done = true;
      return;
    }
    const chunk = parsed(data);
    const choices = (Array.isArray(chunk?.choices) ? chunk.choices : []).filter((choice) => choice);
    const usage = chunk?.usage ?? chunk?.x_groq?.usage ?? choices.find((choice) => choice.usage)?.usage;
    if (usage) {
      this.#listener.usage(usage);
    }
    choices.filter(isTold).forEach((choice) => {
      this.#tell(piecesOf(choice.delta));
      // Some servers send "" until there is a reason.
      this.#finish = (typeof choice.finish_reason === 'string' && choice.finish_reason) || this.#finish;
    });
    const failure = failureIn(chunk) ?? choices.map(failureIn).find(Boolean) ?? null;
    if (failure || type === 'error' || (chunk?.error && choices.length === 0)) {
      throw failure ?? bare(chunk) ?? new Failure('', { kind: 'broken-off' });
    }
    if (choices.length === 0) {
      this.#complaint ??= complaintIn(chunk);
    }
  }

  #tell({ reasoning, text, toolCalls }) {
    this.#told ||= reasoning !== '' || text !== '' || toolCalls.length > 0;
    if (reasoning !== '') {
      this.#listener.reasoning(reasoning);
    }
    if (text !== '') {
      this.#listener.text(text);
    }
    toolCalls.forEach((call) => this.#listener.toolCall(call));
  }
}

/** Only the first choice is passed on; the page requests no more. */
function isTold({ index }) {
  return !(index > 0);
}

/** Waits a short time for the end of the response, so that the connection can be reused. */
async function letEnd(reader) {
  const late = setTimeout(() => reader.cancel().catch(() => {}), ENDS_WITHIN);
  try {
    while (!(await reader.read()).done);
  } catch {
    // aborted, but the answer is complete
  }
  clearTimeout(late);
}

/** Waits for a promise, or for the abort. */
function unless(signal, promise) {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}

function authorized(key) {
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** The URL of a path, relative to the page, which may be below a context path. */
async function send(path, options) {
  try {
    return await fetch(path, { ...options, cache: 'no-store' });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new Failure(error.message, { kind: 'unreachable' });
  }
}

async function refusal(response) {
  const body = parsed(await beginningOf(response).catch(() => ''));
  const said = failureIn(body) ?? bare(body);
  const seconds = Number(response.headers.get('Retry-After'));
  const millis = Number(response.headers.get('retry-after-ms')) || seconds * 1000; // not a number if it is a date
  return new Failure(said?.message ?? '', {
    status: response.status,
    type: said?.type,
    code: said?.code,
    retryAfter: seconds > 0 ? seconds : undefined,
    retryAt: millis > 0 ? Date.now() + millis : undefined,
    kind: said ? undefined : 'refused',
  });
}

/** The beginning of a response as text, up to a limit. */
async function beginningOf(response) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let length = 0; length < LONGEST_REFUSAL; ) {
    const { done, value } = await reader.read();
    if (done) {
      return text;
    }
    length += value.length;
    text += decoder.decode(value, { stream: true });
  }
  reader.cancel().catch(() => {});
  return text;
}

/** What an event says whose name says that it is an error, or a refusal: without `error` around it. */
function bare(body) {
  return typeof body?.message === 'string' && body.message !== '' ? failureIn({ error: body }) : null;
}

/** The words of a flat error: FastAPI's `detail`, TGI's `error_message`, Google's list of one, or a coded message. */
function complaintIn(chunk) {
  const body = Array.isArray(chunk) ? chunk[0] : chunk;
  const coded = body?.code || body?.type === 'error' ? body.message : undefined;
  const message = body?.detail ?? body?.error_message ?? coded;
  return failureIn({ error: { message, type: body?.error_type ?? body?.type, code: body?.code } }) ?? failureIn(body);
}

/** What a body or an event says went wrong: OpenAI's shape, or xAI's, whose error is a string. */
function failureIn(body) {
  const error = body?.error;
  const message = typeof error === 'string' ? error : error?.message;
  if (typeof message !== 'string' || message === '') {
    return null;
  }
  return new Failure(message, { type: named(error.type), code: named(error.code ?? body.code) });
}

/** A code or a type, as a word: some servers send numbers, and some anything. */
function named(value) {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
