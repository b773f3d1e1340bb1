package dev.sluice.admission;

import dev.sluice.chat.Usage;
import dev.sluice.relay.Outcome;
import dev.sluice.relay.StreamListener.Asked;
import dev.sluice.relay.StreamSummary;

/**
 * What one request is expected to use, before it is known.
 *
 * @param prompt tokens of the prompt, by the length of the request
 * @param answer tokens of the answer
 */
record Estimate(long prompt, long answer) {
    /** Bytes of JSON for each token: a rule of thumb for English. */
    private static final int BYTES_PER_TOKEN = 4;

    /** @param reserve the tokens that are held for an answer, unless the request asks for fewer */
    static Estimate of(Asked asked, long reserve) {
        Long most = asked.outputTokens();
        return new Estimate(tokens(asked.bytes()), most == null ? reserve : Math.min(most, reserve));
    }

    long total() {
        return prompt + answer;
    }

    /** What the request has really used, as far as that is known at the end of its stream. */
    long used(Asked asked, StreamSummary summary) {
        long came = came(asked, summary);
        Usage usage = summary.usage();
        if (usage != null) {
            boolean whole = summary.outcome() == Outcome.WHOLE || summary.outcome() == Outcome.UNFINISHED;
            // Some providers count as they go: before the end of the answer, the count may be behind what has come.
            long output = whole ? usage.outputTokens() : Math.max(usage.outputTokens(), came);
            return Math.max(usage.totalTokens(), sum(usage.promptTokens(), output));
        }
        return summary.mayHaveWorked() ? prompt + came : 0;
    }

    /**
     * The tokens of the answer, by its pieces, or by its length but no more than the request asks for. Embeddings, and counts
     * of tokens, have none.
     */
    private static long came(Asked asked, StreamSummary summary) {
        Long most = asked.outputTokens();
        if (most != null && most == 0) {
            return 0;
        }
        if (asked.streamed()) {
            return summary.tokens();
        }
        long byLength = tokens(summary.bytesIn());
        return most == null ? byLength : Math.min(most, byLength);
    }

    private static long tokens(long bytes) {
        return (bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
    }

    /** A provider may count anything. */
    private static long sum(long some, long more) {
        return some > Long.MAX_VALUE - more ? Long.MAX_VALUE : some + more;
    }
}
