import { newId } from '../base/id.js';

/**
 * A conversation is a tree: an edited question or an answer asked for again is a sibling of the first, which stays.
 * One path through it is chosen and shown. All of it is plain data, as it is stored and exported.
 *
 * @typedef {{id: string, parent: ?string, role: 'user'|'assistant', content: string, reasoning?: string,
 *   toolCalls?: object[], model?: string, created: number,
 *   state?: 'streaming'|'done'|'stopped'|'failed'|'interrupted', finish?: ?string,
 *   error?: {message: string, status?: number, type?: string, code?: string, retryAfter?: number,
 *     retryAt?: number, kind?: string},
 *   stats?: {firstTokenMs?: number, thinkingMs?: number, durationMs?: number, promptTokens?: number,
 *     completionTokens?: number, reasoningTokens?: number, totalTokens?: number, pieces?: number}}} Message
 *
 * @typedef {{version: 1, id: string, title: string, created: number, updated: number, system: string, model: string,
 *   temperature: ?number, maxTokens: ?number, messages: Object<string, Message>, chosen: Object<string, string>}}
 *   Conversation `chosen` has for each message that has answers the one on the path, and for `root` the first message;
 *   empty or null where nothing was set
 */

/** The key in `chosen` for the first message, which has no parent. */
export const ROOT = 'root';

const LONGEST_TITLE = 60;
const LONGEST_PREVIEW = 120;

/**
 * The ids of the children of each message. Built at the first use, and again after messages were added or removed, which
 * only this module does.
 *
 * @type {WeakMap<Conversation, Map<string, string[]>>}
 */
const families = new WeakMap();

/** @returns {Conversation} without a message */
export function newConversation({ system = '', model = '', temperature = null, maxTokens = null } = {}) {
  const now = Date.now();
  return {
    version: 1,
    id: newId(),
    title: '',
    created: now,
    updated: now,
    system,
    model,
    temperature,
    maxTokens,
    messages: {},
    chosen: {},
  };
}

/** @returns {Message[]} from the first message to the end of the chosen path */
export function path(conversation) {
  const messages = [];
  let message = chosenChild(conversation, ROOT);
  while (message) {
    messages.push(message);
    message = chosenChild(conversation, message.id);
  }
  return messages;
}

/** @returns {{ids: string[], index: number}} the alternatives to a message, itself among them, oldest first */
export function siblings(conversation, id) {
  const ids = children(conversation, known(conversation, id).parent);
  return { ids: [...ids], index: ids.indexOf(id) };
}

/** Makes a message part of the chosen path; below it the last choices hold. */
export function choose(conversation, id) {
  let message = known(conversation, id);
  while (message) {
    conversation.chosen[message.parent ?? ROOT] = message.id;
    message = parentOf(conversation, message);
  }
}

/**
 * Adds a message below another, or at the beginning, as the chosen one.
 *
 * @param {Conversation} conversation
 * @param {?string} parent the id of the message that it follows; null for none
 * @param {Partial<Message> & {role: 'user'|'assistant'}} fields
 * @returns {Message} as it is in the conversation: what changes there is changed in the conversation
 */
export function addMessage(conversation, parent, fields) {
  if (parent !== null) {
    known(conversation, parent);
  }
  const message = { content: '', ...fields, id: newId(), parent, created: Date.now() };
  conversation.messages[message.id] = message;
  families.delete(conversation);
  conversation.updated = message.created;
  choose(conversation, message.id);
  return message;
}

/** A new version of a user's message beside the old one, chosen. */
export function editMessage(conversation, id, content) {
  const { parent } = known(conversation, id, 'user');
  return addMessage(conversation, parent, { role: 'user', content });
}

/**
 * Adds an empty answer beside an existing one, and chooses it.
 *
 * @param {Partial<Message>} [fields]
 */
export function regenerate(conversation, id, fields = {}) {
  const { parent } = known(conversation, id, 'assistant');
  return addMessage(conversation, parent, { ...fields, role: 'assistant' });
}

/**
 * Merges the version of another tab into a conversation, message by message. Messages that are only here stay.
 *
 * @param {Conversation} conversation is changed
 * @param {Conversation} other as it was stored; its messages become part of this one
 * @param {function(string): boolean} isOurs whether a message of this id is being written here, and so newer here
 */
export function merge(conversation, other, isOurs) {
  const { title, system, model, temperature, maxTokens } = other;
  Object.assign(conversation, { title: title || conversation.title, system, model, temperature, maxTokens });
  conversation.updated = Math.max(conversation.updated, other.updated);
  const writes = Object.keys(conversation.messages).some(isOurs);
  const chosen = { ...other.chosen, ...conversation.chosen };
  Object.values(other.messages).forEach((message) => {
    const key = message.parent ?? ROOT;
    const known = Object.hasOwn(conversation.messages, message.id) ? conversation.messages[message.id] : undefined;
    // Each tab chooses which version it shows. A new version is shown in both tabs, unless it would hide an answer that this
    // tab is receiving.
    if (!known && other.chosen[key] === message.id && !writes) {
      chosen[key] = message.id;
    }
    if (!isOurs(message.id) && !same(known, message)) {
      conversation.messages[message.id] = message;
    }
  });
  conversation.chosen = chosen;
  chooseWhereNoneIs(conversation);
}

/**
 * Whether two versions of a message are equal.
 *
 * @param {Message|undefined} one
 * @param {Message} other
 */
export function same(one, other) {
  const names = Object.keys(other);
  return (
    one !== undefined &&
    Object.keys(one).length === names.length &&
    names.every((name) => alike(one[name], other[name]))
  );
}

/** Chooses the last of the messages that answer another one, where none of them is chosen. */
export function chooseWhereNoneIs(conversation) {
  families.delete(conversation);
  [ROOT, ...Object.keys(conversation.messages)].forEach((key) => {
    if (!chosenChild(conversation, key)) {
      const last = children(conversation, key === ROOT ? null : key).at(-1);
      if (last === undefined) {
        delete conversation.chosen[key];
      } else {
        conversation.chosen[key] = last;
      }
    }
  });
}

/** The first line with text, without the marks of Markdown, shortened for a list. */
export function titleFrom(text) {
  for (const line of text.split(/\r?\n/, 50)) {
    const words = plain(line.slice(0, 1000));
    if (words !== '') {
      return shortened(words, LONGEST_TITLE);
    }
  }
  return '';
}

/**
 * The messages of a request: the system prompt, and the path down to a message. Empty answers are left out. An incomplete
 * answer at the end is included, so that the model continues it. Reasoning is left out, and so are tool calls, because this
 * page has no results for them.
 *
 * @param {string} leaf the id of the last message
 * @returns {{role: string, content: string}[]}
 */
export function requestMessages(conversation, leaf) {
  const asked = [];
  for (let message = known(conversation, leaf); message; message = parentOf(conversation, message)) {
    if (message.role === 'user' || message.content.trim() !== '') {
      asked.push({ role: message.role, content: message.content });
    }
  }
  if (conversation.system.trim() !== '') {
    asked.push({ role: 'system', content: conversation.system });
  }
  return asked.reverse();
}

/** Marks incomplete answers that no tab receives any more as interrupted. @returns {boolean} whether there were any */
export function interruptStreaming(conversation) {
  const streaming = Object.values(conversation.messages).filter(({ state }) => state === 'streaming');
  streaming.forEach((message) => {
    message.state = 'interrupted';
  });
  return streaming.length > 0;
}

/** @returns {boolean} whether an answer is being written */
export function isStreaming(conversation) {
  return Object.values(conversation.messages).some(({ state }) => state === 'streaming');
}

/**
 * The summary of a conversation for the list.
 *
 * @returns {{id: string, title: string, created: number, updated: number, preview: string}} the preview is how the last
 *   message begins that says anything
 */
export function summaryOf(conversation) {
  const { id, title, created, updated } = conversation;
  const last = path(conversation).findLast(({ content }) => content.trim() !== '');
  const text = (last?.content ?? '').slice(0, 10 * LONGEST_PREVIEW);
  return { id, title, created, updated, preview: shortened(text.replace(/\s+/g, ' ').trim(), LONGEST_PREVIEW) };
}

/**
 * An answer's tool calls as they were stored or exported, perhaps by an older page, which left gaps between them.
 *
 * @param {any[]} calls perhaps with holes, or with null for those
 * @returns {{id: string, name: string, arguments: string}[]}
 */
export function tidied(calls) {
  // Visits only the entries that exist: a sparse array may have a length of a thousand million.
  return Object.values(calls).filter((call) => call !== null && call !== undefined);
}

/** The ids of what follows a message directly, or of first messages, oldest first. */
function children(conversation, parent) {
  let family = families.get(conversation);
  if (!family) {
    const inOrder = Object.values(conversation.messages).sort((one, other) => one.created - other.created);
    family = Map.groupBy(inOrder, (message) => message.parent ?? ROOT);
    family.forEach((messages, key) => family.set(key, messages.map(({ id }) => id)));
    families.set(conversation, family);
  }
  return family.get(parent ?? ROOT) ?? [];
}

function parentOf(conversation, { parent }) {
  return parent === null ? null : known(conversation, parent);
}

/** Checks the parent too, so that no path is a cycle, whatever `chosen` contains. */
function chosenChild(conversation, key) {
  const id = Object.hasOwn(conversation.chosen, key) ? conversation.chosen[key] : undefined;
  const message = id !== undefined && Object.hasOwn(conversation.messages, id) ? conversation.messages[id] : undefined;
  return (message?.parent ?? ROOT) === key ? message : undefined;
}

function known(conversation, id, role) {
  if (!Object.hasOwn(conversation.messages, id)) {
    throw new RangeError(`No message ${id} in conversation ${conversation.id}`);
  }
  const message = conversation.messages[id];
  if (role !== undefined && message.role !== role) {
    throw new TypeError(`Message ${id} is of the ${message.role}, not of the ${role}`);
  }
  return message;
}

function alike(one, other) {
  return one === other || (typeof one === 'object' && JSON.stringify(one) === JSON.stringify(other));
}

/** A line without what Markdown puts around words. */
function plain(line) {
  return line
    .replace(/^\s*(```|~~~).*$/, '') // the beginning of a block of code
    .replace(/^(\s*([-*+>]|#{1,6}|\d{1,9}[.)])\s+)+/, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|__|~~|`+)(?=\S)(.*?\S)\1/g, '$2')
    .replace(/(^|\W)([*_])(?=\S)(.*?\S)\2(?=\W|$)/g, '$1$3')
    .replace(/\s+/g, ' ')
    .trim();
}

/** At most so many characters as a reader counts them, the last an ellipsis if there were more. */
function shortened(text, length) {
  if (text.length <= length) {
    return text;
  }
  const letters = Array.from(new Intl.Segmenter().segment(text.slice(0, 16 * length)), ({ segment }) => segment);
  return letters.length <= length ? letters.join('') : `${letters.slice(0, length - 1).join('').trimEnd()}…`;
}
