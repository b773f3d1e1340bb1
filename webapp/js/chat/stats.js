import { formatDuration, formatNumber, t } from '../base/i18n.js';

/** Measures the times of one answer, in milliseconds. */
export class Stopwatch {
  #since = performance.now();
  #firstToken = null;
  #firstText = null;
  #pieces = 0;
  #usage = null;

  /** A piece of the answer has arrived. @param {boolean} isThought whether it is reasoning */
  piece(isThought) {
    this.#pieces++;
    this.#firstToken ??= this.elapsed();
    if (!isThought) {
      this.#firstText ??= this.elapsed();
    }
  }

  /** @param {Object} usage OpenAI's */
  used(usage) {
    this.#usage = usage;
  }

  elapsed() {
    return performance.now() - this.#since;
  }

  /** @returns {Object} a message's `stats`, as they stand */
  stats() {
    const usage = this.#usage ?? {};
    const thought = usage.completion_tokens_details?.reasoning_tokens;
    const stats = {
      firstTokenMs: this.#firstToken,
      thinkingMs: this.#firstToken === null ? null : (this.#firstText ?? this.elapsed()) - this.#firstToken,
      durationMs: this.elapsed(),
      promptTokens: usage.prompt_tokens,
      completionTokens: usage.completion_tokens,
      reasoningTokens: thought,
      totalTokens: usage.total_tokens,
      pieces: this.#pieces,
    };
    return Object.fromEntries(Object.entries(stats).filter(([, value]) => Number.isFinite(value) && value >= 0));
  }
}

/** A message's `stats` for people: to the first token, tokens a second, tokens in and out. */
export function inWords(stats = {}) {
  const words = [];
  if (stats.firstTokenMs !== undefined) {
    words.push(t('stats.first', { time: formatDuration(stats.firstTokenMs) }));
  }
  const rate = tokensPerSecond(stats);
  if (rate !== null) {
    words.push(t('stats.rate', { rate: formatNumber(rate, { maximumFractionDigits: rate < 10 ? 1 : 0 }) }));
  }
  if (stats.completionTokens !== undefined) {
    words.push(t('stats.tokens', { prompt: stats.promptTokens ?? 0, completion: stats.completionTokens }));
    if (stats.reasoningTokens > 0) {
      words.push(t('stats.reasoning', { reasoning: stats.reasoningTokens }));
    }
  }
  return words.join(' · ');
}

/** Tokens a second behind the first token; by the provider's count, or else by the number of pieces. */
function tokensPerSecond(stats) {
  const seconds = (stats.durationMs - stats.firstTokenMs) / 1000;
  const tokens = output(stats) ?? stats.pieces;
  return seconds > 0.2 && tokens > 1 ? (tokens - 1) / seconds : null;
}

/** The generated tokens. xAI counts reasoning apart, so that its total is more than prompt and completion. */
function output({ promptTokens, completionTokens, totalTokens }) {
  if (completionTokens === undefined) {
    return null;
  }
  return Math.max(completionTokens, (totalTokens ?? 0) - (promptTokens ?? 0));
}
