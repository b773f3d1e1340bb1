import { SseParser } from './sse.js';

/** Why there is no answer, or no more of it, in words for people. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {number} [status] the HTTP status, if the server refused before it began to answer
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * Asks one question, and tells what happens in the order it happens.
 *
 * @param {{prompt: string, reasoning: boolean}} question
 * @param {?string} key the access key, if there is one
 * @param {AbortSignal} signal takes the question back: the server then cancels its own call as well
 * @param {{
 *   begun: function(boolean): void,
 *   text: function(string): void,
 *   reasoning: function(string): void,
 *   done: function({finish_reason: ?string, usage: ?Object}): void,
 * }} listener `begun` hears whether the simulator answers; `done` is called only for a whole answer
 * @returns {Promise<void>} settles when the stream is over
 * @throws {Failure} if the answer is refused, or not whole; an AbortError if it was taken back
 */
export async function ask(question, key, signal, listener) {
  const response = await send(question, key, signal);
  if (!response.ok) {
    throw await refusal(response);
  }
  if (!/^text\/event-stream\b/i.test(response.headers.get('Content-Type') ?? '') || !response.body) {
    await response.body?.cancel();
    throw new Failure('The server answered with something other than a stream.', response.status);
  }
  listener.begun(response.headers.get('X-Sluice-Upstream') === 'simulator');
  await read(response.body.getReader(), signal, listener);
}

async function send(question, key, signal) {
  const headers = { 'Content-Type': 'application/json', Accept: 'text/event-stream' };
  if (key) {
    headers.Authorization = `Bearer ${key}`;
  }
  try {
    return await fetch('chat', {
      method: 'POST', headers, body: JSON.stringify(question), signal, cache: 'no-store',
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new Failure(`The server cannot be reached (${error.message}).`);
  }
}

async function refusal(response) {
  const error = errorIn(await response.text().catch(() => ''));
  let message = error ?? `The server answered ${response.status} ${response.statusText}`.trimEnd() + '.';
  const seconds = Number(response.headers.get('Retry-After'));
  if (seconds > 0) {
    message += ` Try again in ${seconds} s.`;
  }
  return new Failure(message, response.status);
}

async function read(reader, signal, listener) {
  const parser = new SseParser();
  let whole = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        break;
      }
      for (const event of parser.feed(value)) {
        whole ||= tell(event, listener); // and whatever might follow the end is ignored
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    reader.cancel().catch(() => {}); // an error event: nothing that follows counts
    if (error instanceof Failure) {
      throw error;
    }
    // Otherwise the connection broke, as below; after `done` that is no loss.
  }
  if (!whole) {
    throw new Failure('The answer broke off: the connection ended before it was whole.');
  }
}

/** Whether this event says that the answer is whole. */
function tell(event, listener) {
  switch (event.type) {
    case 'message':
      listener.text(event.data);
      return false;
    case 'reasoning':
      listener.reasoning(event.data);
      return false;
    case 'error':
      throw new Failure(`The answer broke off: ${errorIn(event.data) ?? 'the server did not say why.'}`);
    case 'done':
      listener.done(parsed(event.data) ?? {});
      return true;
    default:
      return false; // a later server may say more than this page knows
  }
}

function errorIn(json) {
  const message = parsed(json)?.error?.message;
  return typeof message === 'string' && message !== '' ? message : null;
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
