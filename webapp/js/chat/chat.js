import * as tree from '../conversations/conversation.js';
import { askForKey } from '../server/access.js';
import { accessKey } from '../server/key.js';
import { AnswerView } from './answer.js';
import { MessageList } from './message-list.js';
import { QuestionView } from './question.js';
import { Run } from './run.js';

/** Added to the request, not to the conversation, to continue an answer that broke off. Every model understands it. */
const GO_ON =
  'Your last answer was cut off. Go on exactly where it ends, in the middle of the word if need be. ' +
  'Repeat nothing of it, and say nothing about having been cut off.';

/** The interval in milliseconds of the check whether another tab still writes the answer that is shown. */
const LOOKED_EVERY = 2_000;

/**
 * The conversation that is shown, and the running answers. The answer of a conversation that is not shown continues
 * only if the list of conversations has the conversation. If the conversation is replaced or deleted, its answer is
 * stopped.
 */
export class Chat {
  #list;
  #options;
  #conversation = null;
  #runs = new Map(); // running answers: {conversation, run} by the message's id
  #updates = new Map(); // running updates by conversation: whether another one has to follow
  #looking = 0;

  /**
   * @param {HTMLElement} list the ol of messages
   * @param {{
   *   save: function(Object): void, holdStream: function(string): function(): void,
   *   update: function(Object, function(string): boolean): Promise<void>, stopElsewhere: function(string): void,
   *   running: function(Set<string>): void, updated: function(): void,
   *   showReasoning: function(): boolean, changed: function(): void, ended: function(): void,
   *   toEnd: function(): void, onSimulated: function(): void, announce: function(string): void,
   * }} options `changed` is told when the conversation, or whether an answer is on its way in it, has changed;
   *   `updated`, when another tab has changed it; `ended`, when an answer has ended, whichever it is; `running`, in which conversations this tab has answers on their way
   */
  constructor(list, options) {
    this.#list = new MessageList(list, (message, place) => this.#newView(message, place));
    this.#options = options;
  }

  get conversation() {
    return this.#conversation;
  }

  /** Whether an answer is running in the conversation that is shown. */
  get busy() {
    return this.#running() !== null || this.#isWrittenElsewhere();
  }

  /** This tab's version of the conversation if an answer is running in it. It is newer than the store's. */
  underWay(id) {
    return [...this.#runs.values()].find(({ conversation }) => conversation.id === id)?.conversation ?? null;
  }

  /** Shows another conversation. */
  show(conversation) {
    this.#clear();
    this.#conversation = conversation;
    this.#render();
    this.#options.toEnd();
  }

  /** Renders the same conversation again, after a change of the language or of a setting. */
  refresh() {
    this.#clear();
    this.#render();
  }

  /** @param {string} text */
  ask(text) {
    const last = tree.path(this.#conversation).at(-1);
    this.#conversation.title ||= tree.titleFrom(text);
    const question = tree.addMessage(this.#conversation, last?.id ?? null, { role: 'user', content: text });
    this.#answer(question);
  }

  /** Stops the answer that is running in the conversation that is shown, whichever tab has requested it. */
  stop() {
    if (this.#running()) {
      this.#running().run.stop();
    } else if (this.#isWrittenElsewhere()) {
      this.#options.stopElsewhere(this.#conversation.id);
    }
  }

  /** Stops all answers of this tab that are running in a conversation. */
  stopIn(id) {
    this.#runs.forEach(({ conversation, run }) => conversation.id === id && run.stop());
  }

  /** Another tab has renamed a conversation. */
  rename(id, title) {
    this.#live(id).forEach((conversation) => Object.assign(conversation, { title }));
  }

  /** Shows the changes of a conversation by another tab. */
  update(id) {
    return Promise.all(this.#live(id).map((conversation) => this.#update(conversation)));
  }

  /** Opens the last question for editing, if that is allowed now. */
  editLast() {
    const question = this.#path().findLast((message) => message.role === 'user');
    if (question && !this.busy) {
      this.#list.view(question.id)?.edit();
    }
  }

  /** Requests the last answer again. */
  again() {
    const answer = this.#lastAnswer();
    if (answer && !this.busy) {
      this.#regenerate(answer);
    }
  }

  /** The text of the last answer; empty if there is none. */
  lastAnswer() {
    return this.#lastAnswer()?.content ?? '';
  }

  /** Saves what was received of all running answers, because the page may be about to close. */
  keep() {
    this.#runs.forEach(({ run }) => run.keep());
  }

  /**
   * The messages that are shown; none before a conversation is shown, because the page may have been opened for the
   * doctor.
   */
  #path() {
    return this.#conversation === null ? [] : tree.path(this.#conversation);
  }

  #lastAnswer() {
    return this.#path().findLast((message) => message.role === 'assistant');
  }

  /** This tab's version of the conversation with this id: the one that is shown, or one with a running answer. */
  #live(id) {
    const all = new Set([...this.#runs.values()].map(({ conversation }) => conversation).concat(this.#conversation));
    return [...all].filter((conversation) => conversation?.id === id);
  }

  /** Runs one update at a time. A change that is reported meanwhile causes another one. */
  async #update(conversation) {
    if (this.#updates.has(conversation)) {
      this.#updates.set(conversation, true);
      return;
    }
    try {
      do {
        this.#updates.set(conversation, false);
        await this.#options.update(conversation, (id) => this.#isWorkedOn(id));
        if (conversation === this.#conversation) {
          this.#render();
          this.#options.updated();
        }
      } while (this.#updates.get(conversation));
    } finally {
      this.#updates.delete(conversation);
    }
  }

  /** Whether this tab writes a message, or its user edits it. */
  #isWorkedOn(id) {
    return this.#runs.has(id) || this.#list.view(id)?.editing === true;
  }

  /** Whether another tab writes an answer that is shown here. */
  #isWrittenElsewhere() {
    return this.#path().some(({ id, state }) => state === 'streaming' && !this.#runs.has(id));
  }

  #tellRunning() {
    this.#options.running(new Set([...this.#runs.values()].map(({ conversation }) => conversation.id)));
  }

  #running() {
    return this.#path().map(({ id }) => this.#runs.get(id)).find(Boolean) ?? null;
  }

  #answer(question) {
    const answer = tree.addMessage(this.#conversation, question.id, {
      role: 'assistant',
      content: '',
      model: this.#conversation.model,
    });
    this.#run(answer, tree.requestMessages(this.#conversation, question.id));
  }

  #regenerate(answer) {
    this.#running()?.run.stop(); // the messages after the old answer are replaced too
    const fresh = tree.regenerate(this.#conversation, answer.id);
    fresh.model = this.#conversation.model;
    this.#run(fresh, tree.requestMessages(this.#conversation, fresh.parent));
  }

  #goOn(answer) {
    const messages = tree.requestMessages(this.#conversation, answer.id);
    this.#run(answer, [...messages, { role: 'user', content: GO_ON }]);
  }

  async #run(answer, messages) {
    const conversation = this.#conversation;
    const run = new Run(answer, accessKey(), () => this.#save(conversation));
    this.#runs.set(answer.id, { conversation, run });
    this.#tellRunning();
    this.#list.renew(answer.id);
    const letGo = this.#options.holdStream(conversation.id); // before other tabs see the running answer
    this.#save(conversation);
    this.#render();
    this.#options.toEnd();
    this.#options.changed();
    let failure;
    try {
      failure = await run.go(request(conversation, messages));
    } finally {
      letGo();
      this.#runs.delete(answer.id);
      this.#tellRunning();
      if (conversation === this.#conversation) {
        this.#options.changed();
      }
      this.#options.ended();
    }
    if (failure?.status === 401 && (await askForKey(failure.message)) && conversation === this.#conversation) {
      const last = tree.path(conversation).at(-1);
      if (last?.id === answer.id && !this.busy) {
        this.#run(last, messages); // nothing of it was received
      }
    }
  }

  #choose(id) {
    tree.choose(this.#conversation, id);
    this.#save(this.#conversation);
    this.#render();
    this.#options.changed();
    this.#list.view(id)?.element.querySelector('.branches button:not(:disabled)')?.focus();
  }

  #edit(question, text) {
    this.#running()?.run.stop(); // the messages after the old question are replaced too
    const edited = tree.editMessage(this.#conversation, question.id, text);
    this.#answer(edited);
  }

  /** Closes the editor. Another tab may have added versions of the question meanwhile. */
  #leaveEditing(id) {
    this.#render();
    this.#list.view(id)?.editButton.focus();
  }

  #save(conversation) {
    this.#options.save(conversation);
  }

  #render() {
    this.#list.show(this.#conversation);
    this.#lookAgain();
  }

  /** Checks again later, because the tab that writes the answer may close without a message. */
  #lookAgain() {
    clearTimeout(this.#looking);
    if (this.#isWrittenElsewhere()) {
      const conversation = this.#conversation;
      this.#looking = setTimeout(() => this.#update(conversation), LOOKED_EVERY);
    }
  }

  #newView(message, { siblings, isLast }) {
    const onChoose = (id) => this.#choose(id);
    return message.role === 'user'
      ? new QuestionView(message, {
          siblings,
          onChoose,
          onEdit: (text) => this.#edit(message, text),
          onLeft: () => this.#leaveEditing(message.id),
        })
      : new AnswerView(message, {
          siblings,
          onChoose,
          isLast,
          run: this.#runs.get(message.id)?.run ?? null,
          showReasoning: this.#options.showReasoning(),
          onAgain: () => this.#regenerate(message),
          onContinue: () => this.#goOn(this.#conversation.messages[message.id]),
          onSimulated: this.#options.onSimulated,
          announce: this.#options.announce,
        });
  }

  #clear() {
    clearTimeout(this.#looking);
    this.#list.clear();
  }
}

/**
 * The body of OpenAI's request. It contains only values that the user has chosen, so that the defaults of the server
 * and the model apply.
 */
function request({ model, temperature, maxTokens }, messages) {
  return {
    ...(model ? { model } : {}),
    messages,
    ...(temperature === null || temperature === undefined ? {} : { temperature }),
    ...(maxTokens ? { max_tokens: maxTokens } : {}),
  };
}
