package dev.sluice.chat;

import org.jspecify.annotations.Nullable;

/**
 * A request of {@code /chat}. Immutable.
 *
 * @param prompt the prompt, never blank
 * @param system the system message; null if the client has sent none
 * @param model the model's name; null if the client has sent none
 * @param maxTokens the longest answer in tokens, 1 or more; null if the client has sent none
 * @param temperature 0 to 2; null if the client has sent none
 * @param reasoning whether the client wants the model's reasoning too
 */
public record ChatRequest(
        String prompt,
        @Nullable String system,
        @Nullable String model,
        @Nullable Integer maxTokens,
        @Nullable Double temperature,
        boolean reasoning) {
    /** Without the prompt: no log line may contain it. */
    @Override
    public String toString() {
        return "ChatRequest[model=" + model + "]";
    }
}
