package dev.sluice.chat;

/**
 * What a completion cost, as the provider counted it.
 *
 * @param promptTokens tokens of the prompt
 * @param completionTokens tokens of the answer; some providers leave reasoning tokens out of it, some do not
 * @param reasoningTokens tokens thought, not said; 0 where the provider does not tell
 * @param totalTokens the provider's own sum, of which the others need not be the parts
 * @param json the provider's own object, byte for byte the same JSON, with all that it says beyond these numbers
 */
public record Usage(long promptTokens, long completionTokens, long reasoningTokens, long totalTokens, String json) {
    /** Tokens made, thought ones included: xAI leaves them out of the completion's, OpenAI does not. */
    public long outputTokens() {
        boolean apart = reasoningTokens > 0 && promptTokens + completionTokens + reasoningTokens == totalTokens;
        return apart ? completionTokens + reasoningTokens : completionTokens;
    }
}
