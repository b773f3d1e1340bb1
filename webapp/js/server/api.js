import { SseParser } from './sse.js';

/** Why there is no answer, or no more of it, in the server's own words where it has said some. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {{status?: number, type?: ?string, code?: ?string, retryAfter?: number, kind?: string}} [about] `kind` is set
   *   where nobody has said anything, and this page has to: `unreachable`, `not-a-stream`, `broken-off`
   */
  constructor(message, { status, type, code, retryAfter, kind } = {}) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = code;
    this.retryAfter = retryAfter;
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
 * Asks for a completion, and tells what comes in the order in which it comes.
 *
 * @param {Object} request OpenAI's, without `stream`
 * @param {?string} key the access key, if there is one
 * @param {AbortSignal} signal takes the question back: the server then cancels its own call as well
 * @param {{
 *   begun: function({simulated: boolean}): void,
 *   text: function(string): void,
 *   reasoning: function(string): void,
 *   toolCall: function({index: number, id?: string, name?: string, arguments?: string}): void,
 *   usage: function(Object): void,
 * }} listener `toolCall` hears one piece of a call at a time
 * @returns {Promise<?string>} why the model stopped, once the answer is whole
 * @throws {Failure} if the answer is refused, or not whole; an AbortError if it was taken back
 */
export async function complete(request, key, signal, listener) {
  const response = await send('v1/chat/completions', {
    method: 'POST',
    headers: { ...authorized(key), 'Content-Type': 'application/json', Accept: 'text/event-stream' },
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
  return new Completion(listener).read(response.body.getReader(), signal);
}

/** The answer on its way. */
class Completion {
  #listener;
  #finish = null;
  #done = false;

  constructor(listener) {
    this.#listener = listener;
  }

  async read(reader, signal) {
    const parser = new SseParser();
    try {
      while (!this.#done) {
        const { done, value } = await reader.read();
        if (done) {
          break;
        }
        parser.feed(value).forEach((event) => this.#take(event));
      }
    } catch (error) {
      reader.cancel().catch(() => {}); // nothing that follows counts
      signal.throwIfAborted();
      if (error instanceof Failure) {
        throw error;
      }
      throw new Failure('', { kind: 'broken-off' });
    }
    // A stream that ends properly is whole without [DONE] too, if the model has said why it stopped.
    if (!this.#done && this.#finish === null) {
      throw new Failure('', { kind: 'broken-off' });
    }
    return this.#finish;
  }

  #take({ data }) {
    if (this.#done) {
      return;
    }
    if (data.trim() === '[DONE]') {
      this.#done = true;
      return;
    }
    const chunk = parsed(data);
    if (chunk?.error) {
      throw failureIn(chunk) ?? new Failure('', { kind: 'broken-off' });
    }
    if (chunk?.usage) {
      this.#listener.usage(chunk.usage);
    }
    const choice = chunk?.choices?.[0];
    if (choice) {
      this.#tell(choice.delta ?? {});
      this.#finish = choice.finish_reason ?? this.#finish;
    }
  }

  #tell(delta) {
    const thought = delta.reasoning_content ?? delta.reasoning; // the latter is OpenRouter's and vLLM's name
    if (typeof thought === 'string' && thought !== '') {
      this.#listener.reasoning(thought);
    }
    const text = delta.content || delta.refusal;
    if (typeof text === 'string' && text !== '') {
      this.#listener.text(text);
    }
    for (const call of Array.isArray(delta.tool_calls) ? delta.tool_calls : []) {
      this.#listener.toolCall({
        index: call.index ?? 0,
        id: call.id,
        name: call.function?.name,
        arguments: call.function?.arguments,
      });
    }
  }
}

function authorized(key) {
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** The path is taken relative to the page, wherever that is deployed. */
async function send(path, options) {
  try {
    return await fetch(path, { ...options, cache: 'no-store' });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new Failure(error.message, { kind: 'unreachable' });
  }
}

async function refusal(response) {
  const said = failureIn(parsed(await response.text().catch(() => '')));
  const seconds = Number(response.headers.get('Retry-After'));
  return new Failure(said?.message ?? '', {
    status: response.status,
    type: said?.type,
    code: said?.code,
    retryAfter: seconds > 0 ? seconds : undefined,
    kind: said ? undefined : 'refused',
  });
}

/** What a body or an event says went wrong: OpenAI's shape, or xAI's, whose error is a string. */
function failureIn(body) {
  const error = body?.error;
  const message = typeof error === 'string' ? error : error?.message;
  if (typeof message !== 'string' || message === '') {
    return null;
  }
  return new Failure(message, { type: error.type, code: error.code ?? body.code });
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
