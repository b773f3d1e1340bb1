package dev.sluice.chat;

import org.jspecify.annotations.Nullable;

/**
 * One prompt and how to answer it, as the client of {@code /chat} said it; what it left out is null.
 *
 * @param prompt what to answer, never blank
 * @param system the system message
 * @param model the model's name
 * @param maxTokens the longest answer wanted, 1 or more
 * @param temperature 0 to 2
 * @param reasoning whether the client wants to hear what a reasoning model thinks aloud
 */
public record ChatRequest(
        String prompt,
        @Nullable String system,
        @Nullable String model,
        @Nullable Integer maxTokens,
        @Nullable Double temperature,
        boolean reasoning) {
    /** Never the prompt: a log line must not leak it. */
    @Override
    public String toString() {
        return "ChatRequest[model=" + model + "]";
    }
}
