import { t } from '../base/i18n.js';
import { ImportError } from './imported.js';

const FORMAT = 'sluice-conversations';
const VERSION = 1;

/** The longest line that is read, in characters, and so the largest conversation. */
const LONGEST = 16 * 1024 * 1024;

/** The largest file, in bytes, that is read at once, because it was not written by this page. */
const LARGEST_AT_ONCE = 16 * 1024 * 1024;

/** The longest time of work before the page can handle other events, in milliseconds. */
const TURN = 12;

/**
 * A JSON file of conversations, each on a line of its own: so it can be written and read piece by piece, however large.
 *
 * @param {Iterable<Object>|AsyncIterable<Object>} conversations
 * @returns {Promise<Blob>}
 */
export async function conversationsFile(conversations) {
  const header = JSON.stringify({ format: FORMAT, version: VERSION, exported: new Date().toISOString() });
  const parts = [`${header.slice(0, -1)},"conversations":[`];
  let separator = '\n';
  for await (const conversation of conversations) {
    // A separate blob, which the browser can store outside of the page's memory.
    parts.push(new Blob([separator, JSON.stringify(conversation)]));
    separator = ',\n';
  }
  parts.push('\n]}\n');
  return new Blob(parts, { type: 'application/json' });
}

/**
 * Reads the entries of a file one by one. They are not validated yet.
 *
 * @param {Blob} file
 * @returns {AsyncGenerator<any>}
 * @throws {ImportError} if it is not such a file
 */
export async function* conversationsIn(file) {
  const lines = linesOf(file);
  let since = performance.now();
  let open = null;
  for await (const line of lines) {
    if (open === null) {
      if (!/"conversations"\s*:\s*\[\s*$/.test(line)) {
        await lines.return();
        yield* atOnce(file);
        return;
      }
      header(parsed(`${line}]}`));
      open = true;
    } else if (open && /^\s*\]\s*\}\s*$/.test(line)) {
      open = false;
    } else if (line.trim() !== '') {
      if (!open) {
        throw new ImportError(t('exchange.notJson', { reason: line.slice(0, 40) }));
      }
      yield parsed(line.replace(/,\s*$/, ''));
      if (performance.now() - since > TURN) {
        await turn();
        since = performance.now();
      }
    }
  }
  if (open !== false) {
    throw new ImportError(t(open === null ? 'exchange.empty' : 'exchange.cutOff'));
  }
}

/** The same for a file with other line breaks, which another program has written. */
async function* atOnce(file) {
  if (file.size > LARGEST_AT_ONCE) {
    throw new ImportError(t('exchange.tooLarge', { size: megabytes(file.size), limit: megabytes(LARGEST_AT_ONCE) }));
  }
  for (const conversation of header(parsed(await file.text()))) {
    yield conversation;
    await turn();
  }
}

async function* linesOf(file) {
  const reader = file.stream().pipeThrough(new TextDecoderStream('utf-8', { fatal: true })).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw new ImportError(t('exchange.unreadable', { reason: error.message }), { cause: error });
      });
      if (done) {
        break;
      }
      const lines = `${rest}${value}`.split(/\r?\n/);
      rest = lines.pop();
      if (rest.length > LONGEST) {
        throw new ImportError(t('exchange.tooLong', { limit: megabytes(LONGEST) }));
      }
      yield* lines;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
  if (rest !== '') {
    yield rest;
  }
}

function header(file) {
  if (file?.format !== FORMAT || !Array.isArray(file.conversations)) {
    throw new ImportError(t('exchange.notOurs', { format: FORMAT }));
  }
  if (file.version !== VERSION) {
    throw new ImportError(t('exchange.newer', { version: String(file.version), known: VERSION }));
  }
  return file.conversations;
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new ImportError(t('exchange.notJson', { reason: error.message }), { cause: error });
  }
}

function megabytes(bytes) {
  return Math.ceil(bytes / 1024 / 1024);
}

function turn() {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}
