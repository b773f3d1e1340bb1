import { el, iconButton } from '../base/dom.js';
import { formatDuration, t } from '../base/i18n.js';
import { MarkdownView } from '../markdown/markdown.js';
import { failureInWords, refusalInWords } from '../server/failure.js';
import { Countdown } from './countdown.js';
import { branchSwitch, copyButton } from './message.js';
import { inWords } from './stats.js';

/** The states of an answer that is not complete. */
const UNDER_WAY = new Set(['sending', 'waiting', 'thinking', 'streaming', 'stalled']);

/** The interval at which the elapsed time of an incomplete answer is updated, in milliseconds. */
const TICK = 500;

/**
 * The view of an answer. While a run receives the answer, this view listens to it.
 */
export class AnswerView {
  #markdown;
  #thoughtText = '';
  #calls = []; // the nodes of each call that is shown
  #frame = 0;
  #ticking = 0;
  #countdown = null; // while a question cannot be asked again yet

  /**
   * @param {Object} message of conversation.js
   * @param {{
   *   siblings: Object, run: ?Object, showReasoning: boolean, isLast: boolean,
   *   onAgain: function(): void, onContinue: function(): void, onChoose: function(string): void,
   *   onSimulated: function(): void, announce: function(string): void,
   * }} options
   */
  constructor(message, options) {
    this.message = message;
    this.options = options;
    this.thoughts = el('div', { class: 'text', dir: 'auto' });
    this.thinking = el('summary', {}, '');
    this.thoughtsBox = el(
      'details',
      { class: 'thoughts', hidden: true, open: options.showReasoning },
      this.thinking,
      this.thoughts,
    );
    this.tools = el('div', {});
    this.body = el('div', { class: 'markdown', dir: 'auto' });
    this.name = el('span', { class: 'name' });
    this.figures = el('span', { class: 'figures' });
    this.failure = el('div', { class: 'failure', hidden: true });
    this.actions = el('div', { class: 'actions' });
    this.element = el(
      'li',
      { class: 'message answer', dataset: { id: message.id, state: 'done' } },
      el('p', { class: 'who' }, message.model || t('message.model')),
      this.thoughtsBox,
      this.tools,
      this.body,
      this.failure,
      el('p', { class: 'state' }, this.name, this.figures),
      this.actions,
    );
    this.#markdown = new MarkdownView(this.body);
    this.#showWhatThereIs();
  }

  /** @param {Object} message the same answer as another tab has written it */
  update(message) {
    const { reasoning = '' } = this.message;
    this.message = message;
    if ((message.reasoning ?? '').length > reasoning.length) {
      this.reasoning(message.reasoning.slice(reasoning.length));
    }
    this.#markdown.replace(message.content);
    this.#showKept();
  }

  /** Stops listening to the run, which goes on. */
  leave() {
    clearInterval(this.#ticking);
    this.#countdown?.stop();
    if (this.options.run?.view === this) {
      this.options.run.view = null;
    }
  }

  // Called by the run.

  begun(simulated) {
    if (simulated) {
      this.options.onSimulated();
    }
  }

  reasoning(text) {
    this.thoughtsBox.hidden = false;
    this.#thoughtText += text;
    this.#soon();
  }

  text(text) {
    this.#markdown.append(text);
  }

  toolCalls() {
    this.#soon();
  }

  /** Settles when all text so far is rendered; at once in a hidden page, which may have no frames. */
  async drawn() {
    await frameOrHidden();
    if (!document.hidden) {
      await this.#markdown.settled();
    }
  }

  entered(state) {
    this.element.dataset.state = state;
    this.name.textContent = t(`state.${state}`);
    if (state === 'streaming' && this.message.content === '') {
      this.options.announce(t('announce.begun'));
    }
    if (!UNDER_WAY.has(state)) {
      this.#settle(state);
    }
    this.#tick();
  }

  #showWhatThereIs() {
    const { message, options } = this;
    if (message.reasoning) {
      this.reasoning(message.reasoning);
    }
    this.#putNow();
    this.#markdown.append(message.content);
    if (options.run) {
      options.run.view = this;
      this.#ticking = setInterval(() => this.#tick(), TICK);
      this.body.setAttribute('aria-busy', 'true');
      this.entered(options.run.state);
    } else {
      this.#showKept();
    }
  }

  /** Renders an answer without a run in this tab: it is complete, or another tab receives it. */
  #showKept() {
    const { state = 'done' } = this.message;
    if (state !== 'streaming') {
      this.element.dataset.state = state;
      this.body.removeAttribute('aria-busy');
      this.#showEnd(state);
      return;
    }
    this.#putNow();
    this.#sumUpThoughts(this.message.stats?.thinkingMs);
    if (this.element.dataset.state === 'elsewhere') {
      return; // the rest has not changed, and keeps the focus
    }
    this.element.dataset.state = 'elsewhere';
    this.body.setAttribute('aria-busy', 'true');
    this.name.textContent = t('state.elsewhere');
    this.figures.textContent = '';
    this.failure.hidden = true;
    this.actions.replaceChildren(...[branchSwitch(this.options.siblings, this.options.onChoose)].filter(Boolean));
  }

  #settle(state) {
    clearInterval(this.#ticking);
    this.body.removeAttribute('aria-busy');
    this.options.run = null;
    this.#showEnd(state);
    this.options.announce(t(`announce.${state}`));
  }

  #showEnd(state) {
    const { message } = this;
    this.#putNow();
    this.#markdown.finish();
    this.name.textContent = state === 'done' ? finishInWords(message.finish) : t(`state.${state}`);
    this.figures.textContent = inWords(message.stats);
    this.#sumUpThoughts(message.stats?.thinkingMs);
    this.#showFailure(state);
    this.#showActions(state);
  }

  #showFailure(state) {
    const { message, options } = this;
    const broken = state === 'failed' || state === 'interrupted';
    this.failure.hidden = !broken;
    this.#countdown?.stop();
    if (!broken) {
      return;
    }
    const button = (name, action) => el('button', { type: 'button', on: { click: action } }, t(name));
    const isPartial = message.content !== '';
    const again = options.isLast ? button('message.again', options.onAgain) : null;
    this.failure.replaceChildren(
      ...(state === 'failed' ? this.#whyItFailed(again) : [el('p', {}, t('failure.interrupted'))]),
      el(
        'div',
        { class: 'row' },
        options.isLast && isPartial ? button('message.continue', options.onContinue) : null,
        again,
      ),
    );
  }

  /** @param {?HTMLButtonElement} again waits until the limit that was reached lets a question in */
  #whyItFailed(again) {
    const { error } = this.message;
    const refusal = refusalInWords(error);
    if (refusal === null) {
      return [el('p', {}, failureInWords(error))];
    }
    const { meaning, details, retryAt } = refusal;
    this.#countdown = retryAt && again ? new Countdown(retryAt, again, this.options.announce) : null;
    return [
      el('p', {}, meaning),
      el('p', { class: 'quiet-text', dir: 'auto' }, details),
      ...(this.#countdown ? [this.#countdown.element] : []),
    ];
  }

  #showActions(state) {
    const { message, options } = this;
    const stoppedShort = state === 'stopped' || message.finish === 'length';
    this.actions.replaceChildren(
      ...[
        branchSwitch(options.siblings, options.onChoose),
        message.content === '' ? null : copyButton(() => message.content),
        iconButton('again', t('message.again'), options.onAgain, { dataset: { action: 'again' } }),
        options.isLast && stoppedShort && message.content !== ''
          ? iconButton('play', t('message.continue'), options.onContinue, { dataset: { action: 'continue' } })
          : null,
      ].filter(Boolean),
    );
  }

  /** Renders with the next frame, once for all pieces until then. */
  #soon() {
    this.#frame ||= requestAnimationFrame(() => this.#putNow());
  }

  #putNow() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#putThoughts();
    this.#putCalls();
  }

  #putCalls() {
    (this.message.toolCalls ?? []).forEach((call, index) => {
      const nodes = (this.#calls[index] ??= this.#newCall());
      show(nodes.name, call.name ?? '');
      show(nodes.arguments, call.arguments ?? '');
    });
  }

  #newCall() {
    const [name, given] = ['', ''].map((text) => document.createTextNode(text));
    this.tools.append(
      el(
        'details',
        { class: 'tool', open: true },
        el('summary', {}, `${t('message.tool')} `, el('code', {}, name)),
        el('pre', { tabIndex: 0, dir: 'ltr', 'aria-label': t('message.arguments') }, given),
      ),
    );
    return { name, arguments: given };
  }

  #putThoughts() {
    if (this.#thoughtText === '') {
      return;
    }
    // Appends to one text node, so that the existing text is not replaced.
    const node = this.thoughts.firstChild ?? this.thoughts.appendChild(document.createTextNode(''));
    const { scrollHeight, scrollTop, clientHeight } = this.thoughts;
    const atEnd = scrollHeight - scrollTop - clientHeight < 16;
    node.appendData(this.#thoughtText);
    this.#thoughtText = '';
    if (atEnd) {
      this.thoughts.scrollTop = this.thoughts.scrollHeight;
    }
  }

  #sumUpThoughts(millis) {
    this.thinking.textContent =
      millis > 0 ? t('message.thought', { time: formatDuration(millis) }) : t('message.thoughts');
  }

  #tick() {
    const { run } = this.options;
    if (run) {
      this.figures.textContent = formatDuration(run.elapsed());
      this.#sumUpThoughts(run.state === 'thinking' ? 0 : this.message.stats?.thinkingMs);
    }
  }
}

/** Updates a text. If it has only grown, the new part is appended, so that the existing text is not replaced. */
function show(node, text) {
  const { length } = node;
  if (text.length > length && text.startsWith(node.data)) {
    node.appendData(text.slice(length));
  } else if (text.length !== length) {
    node.data = text;
  }
}

/** Settles with the next frame, or when the page is hidden, because a hidden page may have no frames. */
function frameOrHidden() {
  return new Promise((resolve) => {
    const done = () => {
      document.removeEventListener('visibilitychange', done);
      resolve();
    };
    if (document.hidden) {
      done();
    } else {
      document.addEventListener('visibilitychange', done);
      requestAnimationFrame(done);
    }
  });
}

function finishInWords(finish) {
  return ['length', 'content_filter', 'tool_calls'].includes(finish) ? t(`finish.${finish}`) : t('state.done');
}
