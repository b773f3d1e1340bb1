import { language, t } from '../base/i18n.js';
import { newId } from '../base/id.js';
import { markdownOf } from './as-markdown.js';
import { conversationsIn, conversationsFile } from './conversations-file.js';
import { ImportError, checked } from './imported.js';

/** The time after which the URL of a download is revoked, in milliseconds. */
const DOWNLOAD = 60_000;

/** @typedef {import('./conversation.js').Conversation} Conversation */

/** @param {Conversation} conversation is downloaded with all its branches, to be imported again */
export async function exportJson(conversation) {
  download(await conversationsFile([conversation]), `${fileName(conversation.title)}.json`);
}

/** @param {Conversation} conversation is downloaded as a text to be read: the chosen path alone */
export function exportMarkdown(conversation) {
  const file = new Blob([markdownOf(conversation)], { type: 'text/markdown;charset=utf-8' });
  download(file, `${fileName(conversation.title)}.md`);
}

/** @param {import('./store.js').Store} store all its conversations are downloaded in one file */
export async function exportAll(store) {
  const day = new Date().toISOString().slice(0, 10);
  download(await conversationsFile(store.all()), `sluice-conversations-${day}.json`);
}

/**
 * Adds the conversations of a file to a store. The whole file is validated before any is added. A conversation whose id
 * exists gets a new one, so that nothing is overwritten.
 *
 * @param {File} file as {@link exportJson} and {@link exportAll} write it
 * @param {import('./store.js').Store} store
 * @returns {Promise<string[]>} the ids under which they were kept
 * @throws {ImportError} in words for people
 */
export async function importFile(file, store) {
  let count = 0;
  for await (const value of conversationsIn(file)) {
    checked(value, `conversations[${count++}]`);
  }
  const taken = new Set((await store.list()).map(({ id }) => id));
  const kept = [];
  try {
    for await (const value of conversationsIn(file)) {
      const conversation = checked(value, `conversations[${kept.length}]`);
      if (taken.has(conversation.id)) {
        conversation.id = newId();
      }
      taken.add(conversation.id);
      await store.restore(conversation);
      kept.push(conversation.id);
    }
  } catch (error) {
    throw new ImportError(t('exchange.partly', { kept: kept.length, all: count, reason: error.message }), {
      cause: error,
    });
  }
  return kept;
}

/** A name that every file system takes, made of a title's letters and digits and the day. */
function fileName(title) {
  const words = title
    .toLocaleLowerCase(language())
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 50)
    .replace(/^-|-$|[\ud800-\udbff]$/g, '');
  return `${words || 'conversation'}-${new Date().toISOString().slice(0, 10)}`;
}

function download(file, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), DOWNLOAD);
}
