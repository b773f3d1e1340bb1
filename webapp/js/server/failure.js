import { t } from '../base/i18n.js';

/** The failures without a message of the server. */
export const KINDS = ['unreachable', 'not-a-stream', 'broken-off', 'too-long', 'refused'];

/**
 * The text of a failure for the user: the server's message, if there is one.
 *
 * @param {{message: string, status?: number, retryAfter?: number, kind?: string}} error
 */
export function failureInWords({ message, status, retryAfter, kind } = { message: '' }) {
  const words = said({ message, status, kind });
  return retryAfter > 0 ? `${words} ${t('failure.retry-after', { count: retryAfter })}` : words;
}

/**
 * What a failure means for the user, in words of this page: a limit is reached, or the model is not allowed. Null for all
 * other failures, of which the server's message has to be enough.
 *
 * @param {{message: string, status?: number, code?: ?string, retryAt?: number, kind?: string}} error
 * @returns {?{meaning: string, details: string, retryAt: ?number}} `details` is the server's message
 */
export function refusalInWords({ message, status, code, retryAt, kind } = { message: '' }) {
  const meaning = status === 429 ? t('failure.limit') : code === 'model_not_allowed' ? t('failure.model') : null;
  return meaning && { meaning, details: said({ message, status, kind }), retryAt: retryAt ?? null };
}

function said({ message, status, kind }) {
  if (kind) {
    return t(`failure.${kind}`, { status: status ?? '', detail: message });
  }
  return status ? t('failure.said', { message, status: String(status) }) : message;
}
