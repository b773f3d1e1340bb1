import { complete, Failure } from '../server/api.js';
import { Stopwatch } from './stats.js';
import { ToolCalls } from './tool-calls.js';

/**
 * The response headers come with the first token only, so the page does not know when its question was received. After this
 * many milliseconds the question counts as sent.
 */
const SENT_AFTER = 300;

/** An answer that has begun counts as stalled after this many milliseconds without data. */
const STALLED_AFTER = 5_000;

/** The interval at which an incomplete answer is saved, in milliseconds. */
const SAVED_EVERY = 1_000;

/** The longest answer, in characters, with reasoning and tool calls. A longer one would make the page slow. */
const LONGEST = 2 * 1024 * 1024;

/** The least that a piece of a tool call counts towards the limit, in characters, because each call has a box. */
const CALL = 64;

/** A page that is being left ends within this time after its connections are closed, in milliseconds. */
const GONE_WITHIN = 500;

/** The failures that a page which is being left sees too. */
const BY_LEAVING = ['broken-off', 'unreachable'];

/**
 * Receives one answer into its message, whether or not a view shows it.
 *
 * ```
 * sending ─► waiting ─► thinking ◄─► streaming ─► done
 *                          ▲  ▼        ▲  ▼
 *                          stalled ─────┘
 * from each of them: ─► stopped (by the reader), ─► failed
 * ```
 */
export class Run {
  /** The state, by the names of the diagram above. */
  state = 'sending';

  /** The view, which is called at every change of state and for each piece. Null if none shows the answer. */
  view = null;

  #message;
  #room = 0; // the remaining characters up to the limit
  #toolCalls = null;
  #key;
  #save;
  #abort = new AbortController();
  #clock = new Stopwatch();
  #sending = 0;
  #stalling = 0;
  #saving = 0;

  /**
   * @param {Object} message of conversation.js, which what comes is added to
   * @param {?string} key the access key, if there is one
   * @param {function(): void} save keeps the conversation as it stands
   */
  constructor(message, key, save) {
    this.#message = message;
    this.#key = key;
    this.#save = save;
    message.state = 'streaming';
    delete message.error;
  }

  /** Milliseconds since the question was sent. */
  elapsed() {
    return this.#clock.elapsed();
  }

  stop() {
    this.#abort.abort();
  }

  /** Saves the answer as it is now, because the page may be closed. */
  keep() {
    this.#message.stats = this.#clock.stats();
    this.#save();
  }

  /**
   * @param {Object} request OpenAI's
   * @returns {Promise<?Failure>} settles at the end, whichever it is; a failure if that was one
   */
  async go(request) {
    const message = this.#message;
    this.#room = LONGEST - message.content.length - (message.reasoning ?? '').length;
    this.#sending = setTimeout(() => this.#enter('waiting'), SENT_AFTER);
    this.#saving = setInterval(() => this.keep(), SAVED_EVERY);
    try {
      message.finish = await complete(request, this.#key, this.#abort.signal, this.#listener());
      this.#end('done');
    } catch (error) {
      if (!this.#abort.signal.aborted && BY_LEAVING.includes(error.kind)) {
        // When a page is left, its connections are closed first. It then ends during this wait, with the answer as it is now.
        await new Promise((resolve) => setTimeout(resolve, GONE_WITHIN));
      }
      if (this.#abort.signal.aborted) {
        this.#end('stopped');
      } else if (error instanceof Failure) {
        const { status, type, code, retryAfter, retryAt, kind } = error;
        message.error = { message: error.message, status, type, code, retryAfter, retryAt, kind };
        this.#end('failed');
        return error;
      } else {
        message.error = { message: String(error) };
        this.#end('failed');
        throw error; // a fault of this page
      }
    }
    return null;
  }

  #listener() {
    const message = this.#message;
    return {
      begun: ({ simulated }) => {
        clearTimeout(this.#sending);
        this.#enter('waiting');
        this.view?.begun(simulated);
      },
      reasoning: (text) => {
        this.#piece('thinking');
        this.#take(text.length);
        message.reasoning = (message.reasoning ?? '') + text;
        this.view?.reasoning(text);
      },
      text: (text) => {
        this.#piece('streaming');
        this.#take(text.length);
        message.content += text;
        this.view?.text(text);
      },
      toolCall: (piece) => {
        this.#piece('streaming');
        this.#take(piece.arguments.length + piece.name.length + piece.id.length + CALL);
        this.#toolCalls ??= new ToolCalls((message.toolCalls ??= []));
        this.#toolCalls.add(piece);
        this.view?.toolCalls();
      },
      usage: (usage) => this.#clock.used(usage),
      drawn: () => this.view?.drawn() ?? Promise.resolve(),
    };
  }

  /** @throws {Failure} if the answer has become longer than there is room for: the call is then cancelled */
  #take(length) {
    this.#room -= length;
    if (this.#room < 0) {
      throw new Failure('', { kind: 'too-long' });
    }
  }

  #piece(state) {
    this.#clock.piece(state === 'thinking');
    this.#enter(state);
    clearTimeout(this.#stalling);
    this.#stalling = setTimeout(() => this.#enter('stalled'), STALLED_AFTER);
  }

  /** The one place where the state changes. */
  #enter(state) {
    if (this.state !== state) {
      this.state = state;
      this.view?.entered(state);
    }
  }

  #end(state) {
    clearTimeout(this.#sending);
    clearTimeout(this.#stalling);
    clearInterval(this.#saving);
    this.#message.state = state;
    this.keep();
    this.#enter(state);
  }
}
