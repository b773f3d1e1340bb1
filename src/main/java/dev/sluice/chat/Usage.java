package dev.sluice.chat;

/**
 * The {@code usage} object of a completion: token counts, as the provider has counted. All are 0 or more.
 *
 * @param promptTokens tokens of the prompt
 * @param completionTokens tokens of the answer; with some providers it includes reasoning tokens, with others it does not
 * @param reasoningTokens tokens of reasoning; 0 if the provider does not count them
 * @param totalTokens the provider's own sum, which need not be the sum of the other counts
 * @param json the provider's object as it was sent, with its further fields
 */
public record Usage(long promptTokens, long completionTokens, long reasoningTokens, long totalTokens, String json) {
    /** Generated tokens, with those of reasoning: xAI leaves these out of {@code completion_tokens}, OpenAI does not. */
    public long outputTokens() {
        boolean apart = reasoningTokens > 0 && promptTokens + completionTokens + reasoningTokens == totalTokens;
        return apart ? completionTokens + reasoningTokens : completionTokens;
    }
}
