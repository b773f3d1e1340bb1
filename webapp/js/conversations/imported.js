import { t } from '../base/i18n.js';
import { newId } from '../base/id.js';
import { KINDS } from '../server/failure.js';
import { ROOT, tidied } from './conversation.js';

const LONGEST_TEXT = 8 * 1024 * 1024;
const LONGEST_NAME = 1000;
const MOST_MESSAGES = 20_000;
const DEEPEST = 32;
const LATEST = 8.64e15; // the last millisecond that a date can be
const STATES = ['streaming', 'done', 'stopped', 'failed', 'interrupted'];

/** Why a file is not imported, in words for people. */
export class ImportError extends Error {}

/**
 * A conversation of an untrusted file. It is built from the known fields only. Their types and limits are checked, and so is
 * that the messages form a tree.
 *
 * @param {any} value
 * @param {string} place where in the file it is
 * @returns {import('./conversation.js').Conversation}
 * @throws {ImportError} which names the place and the fault
 */
export function checked(value, place) {
  const fields = object(value, place);
  if (fields.version !== 1) {
    throw fault(`${place}.version`, 'value', { value: shown(fields.version) });
  }
  const conversation = {
    version: 1,
    id: fields.id === undefined ? newId() : name(fields.id, `${place}.id`),
    title: text(fields.title ?? '', `${place}.title`, LONGEST_NAME),
    created: number(fields.created ?? Date.now(), `${place}.created`, 0, LATEST),
    updated: number(fields.updated ?? Date.now(), `${place}.updated`, 0, LATEST),
    system: text(fields.system ?? '', `${place}.system`),
    model: text(fields.model ?? '', `${place}.model`, LONGEST_NAME),
    temperature: orNull(fields.temperature ?? null, (it) => number(it, `${place}.temperature`, 0, 2)),
    maxTokens: orNull(fields.maxTokens ?? null, (it) => number(it, `${place}.maxTokens`, 1, Number.MAX_SAFE_INTEGER)),
    messages: {},
    chosen: {},
  };
  const messages = Object.entries(object(fields.messages, `${place}.messages`));
  if (messages.length > MOST_MESSAGES) {
    throw fault(`${place}.messages`, 'many', { limit: MOST_MESSAGES });
  }
  for (const [id, message] of messages) {
    conversation.messages[name(id, `${place}.messages`)] = checkedMessage(message, id, `${place}.messages.${id}`);
  }
  checkTree(conversation.messages, place);
  conversation.chosen = checkedChoice(fields.chosen ?? {}, conversation.messages, `${place}.chosen`);
  return conversation;
}

function checkedMessage(value, id, place) {
  const fields = object(value, place);
  if (fields.id !== id) {
    throw fault(`${place}.id`, 'value', { value: shown(fields.id) });
  }
  const message = {
    id,
    parent: orNull(fields.parent ?? null, (it) => name(it, `${place}.parent`)),
    role: one(fields.role, ['user', 'assistant'], `${place}.role`),
    content: text(fields.content, `${place}.content`),
    created: number(fields.created, `${place}.created`, 0, LATEST),
  };
  const optional = (field, check) => {
    if (fields[field] !== undefined) {
      message[field] = check(fields[field], `${place}.${field}`);
    }
  };
  optional('reasoning', text);
  optional('toolCalls', calls);
  optional('model', (it, at) => text(it, at, LONGEST_NAME));
  optional('state', (it, at) => (one(it, STATES, at) === 'streaming' ? 'interrupted' : it));
  optional('finish', (it, at) => orNull(it, () => text(it, at, LONGEST_NAME)));
  optional('error', checkedError);
  optional('stats', (it, at) => each(it, at, measured));
  return message;
}

function checkedError(value, place) {
  const checks = {
    message: text,
    status: (it, at) => number(it, at, 0, 999),
    type: text,
    code: (it, at) => text(typeof it === 'number' ? String(it) : it, at), // an older page kept it as it came
    retryAfter: (it, at) => number(it, at, 0, LATEST),
    retryAt: (it, at) => number(it, at, 0, LATEST),
    kind: (it, at) => one(it, KINDS, at),
  };
  const fields = object(value, place);
  const known = Object.keys(checks).filter((field) => fields[field] !== undefined);
  return Object.fromEntries(
    known.map((field) => [field, orNull(fields[field], (it) => checks[field](it, `${place}.${field}`))]),
  );
}

/** Checks that each parent exists and that there is no cycle. */
function checkTree(messages, place) {
  const sound = new Set();
  for (const id of Object.keys(messages)) {
    const way = new Set();
    for (let at = id; at !== null && !sound.has(at); at = messages[at].parent) {
      if (way.has(at)) {
        throw fault(`${place}.messages.${at}.parent`, 'circle');
      }
      way.add(at);
      const { parent } = messages[at];
      if (parent !== null && !Object.hasOwn(messages, parent)) {
        throw fault(`${place}.messages.${at}.parent`, 'missing', { id: parent });
      }
    }
    way.forEach((member) => sound.add(member));
  }
}

/** Checks that each choice exists; where none was made, the last child is chosen. */
function checkedChoice(value, messages, place) {
  const chosen = {};
  Object.values(messages).forEach(({ id, parent }) => {
    chosen[parent ?? ROOT] = id;
  });
  for (const [parent, id] of Object.entries(object(value, place))) {
    if (typeof id !== 'string' || !Object.hasOwn(messages, id) || (messages[id].parent ?? ROOT) !== parent) {
      throw fault(`${place}.${parent.slice(0, 40)}`, 'value', { value: shown(id) });
    }
    chosen[parent] = id;
  }
  return chosen;
}

function calls(value, place) {
  if (!Array.isArray(value)) {
    throw fault(place, 'value', { value: shown(value) });
  }
  return tidied(value).map((call, index) => plain(object(call, `${place}[${index}]`), `${place}[${index}]`, DEEPEST));
}

/** A copy of JSON data without the property `__proto__`. */
function plain(value, place, depth) {
  if (depth === 0) {
    throw fault(place, 'deep', { limit: DEEPEST });
  }
  if (Array.isArray(value)) {
    return value.map((it) => plain(it, place, depth - 1));
  }
  return value !== null && typeof value === 'object' ? each(value, place, (it) => plain(it, place, depth - 1)) : value;
}

function each(value, place, check) {
  const entries = Object.entries(object(value, place)).map(([key, it]) => {
    if (key === '__proto__') {
      throw fault(place, 'name', { name: key });
    }
    return [key, check(it, `${place}.${key.slice(0, 40)}`)];
  });
  return Object.fromEntries(entries);
}

function object(value, place) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw fault(place, 'object', { value: shown(value) });
  }
  return value;
}

/** An id that is safe as a property name of any object. */
function name(value, place) {
  if (typeof value !== 'string' || !/^[\w-]{1,64}$/.test(value) || value in Object.prototype || value === ROOT) {
    throw fault(place, 'name', { name: shown(value) });
  }
  return value;
}

function text(value, place, longest = LONGEST_TEXT) {
  if (typeof value !== 'string') {
    throw fault(place, 'text', { value: shown(value) });
  }
  if (value.length > longest) {
    throw fault(place, 'long', { limit: longest });
  }
  return value;
}

function number(value, place, least, most) {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw fault(place, 'value', { value: shown(value) });
  }
  return value;
}

function measured(value, place) {
  return orNull(value, () => number(value, place, 0, LATEST));
}

function one(value, choices, place) {
  if (!choices.includes(value)) {
    throw fault(place, 'choice', { value: shown(value), choices: choices.join(', ') });
  }
  return value;
}

function orNull(value, check) {
  return value === null ? null : check(value);
}

function shown(value) {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 60);
}

function fault(place, kind, parameters = {}) {
  return new ImportError(t('exchange.fault', { place, fault: t(`exchange.fault.${kind}`, parameters) }));
}
