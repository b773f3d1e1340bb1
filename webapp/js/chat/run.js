import { complete, Failure } from '../server/api.js';
import { Stopwatch } from './stats.js';
import { ToolCalls } from './tool-calls.js';

/**
 * Nobody tells a page that its question has arrived: the answer's head comes with the first token. A question is small,
 * so after this many milliseconds it is taken for sent.
 */
const SENT_AFTER = 300;

/** Nothing has come for so many milliseconds, though the answer had begun: it has stalled. */
const STALLED_AFTER = 5_000;

/** What has come is saved so often, in milliseconds. */
const SAVED_EVERY = 1_000;

/** The longest answer, in characters, with thoughts and calls of tools: the page would become slow with more. */
const LONGEST = 2 * 1024 * 1024;

/** What a piece of a tool call costs at least, in characters: the page shows a box for each call. */
const CALL = 64;

/** A page that goes is gone so soon after its connections, in milliseconds. */
const GONE_WITHIN = 50;

/**
 * One answer on its way into its message. It goes on whether or not anybody looks at it.
 *
 * ```
 * sending ─► waiting ─► thinking ◄─► streaming ─► done
 *                          ▲  ▼        ▲  ▼
 *                          stalled ─────┘
 * from each of them: ─► stopped (by the reader), ─► failed
 * ```
 */
export class Run {
  /** What it is at, by the names of the diagram above. */
  state = 'sending';

  /** Who looks at it: told of every change of state, and of what comes. Null if nobody does. */
  view = null;

  #message;
  #room = 0; // for how many characters
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

  /** What has come is kept as it stands: the page may be about to go. */
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
      if (!this.#abort.signal.aborted) {
        // A page that goes loses its connections first. It never gets past this, and keeps the answer as it stands.
        await new Promise((resolve) => setTimeout(resolve, GONE_WITHIN));
      }
      if (this.#abort.signal.aborted) {
        this.#end('stopped');
      } else if (error instanceof Failure) {
        const { status, type, code, retryAfter, kind } = error;
        message.error = { message: error.message, status, type, code, retryAfter, kind };
        this.#end('failed');
        return error;
      } else {
        message.error = { message: String(error) };
        this.#end('failed');
        throw error; // a fault of ours
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
