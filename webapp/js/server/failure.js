import { t } from '../base/i18n.js';

/** The failures for which the server has no words, because it has said nothing. */
export const KINDS = ['unreachable', 'not-a-stream', 'broken-off', 'too-long', 'refused'];

/**
 * What went wrong, for people: in the server's own words if it has said any.
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
