import { t } from '../base/i18n.js';

/** The failures without a message of the server. */
export const KINDS = ['unreachable', 'not-a-stream', 'broken-off', 'too-long', 'refused'];

/**
 * The text of a failure for the user: the server's message, if there is one.
 *
 * @param {{message: string, status?: number, retryAfter?: number, kind?: string}} error
 */
export function failureInWords({ message, status, retryAfter, kind } = { message: '' }) {
  let words = kind ? t(`failure.${kind}`, { status: status ?? '', detail: message }) : message;
  if (status && !kind) {
    words = t('failure.said', { message, status: String(status) });
  }
  return retryAfter > 0 ? `${words} ${t('failure.retry-after', { count: retryAfter })}` : words;
}
