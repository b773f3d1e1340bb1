package dev.sluice.dialect;

import dev.sluice.chat.ChatRequest;
import org.jspecify.annotations.Nullable;

/**
 * What {@code /chat} asks an upstream.
 *
 * @param request what the client said; its {@code maxTokens} and {@code system} win over the defaults below, and a
 *     blank {@code system} asks for none
 * @param model the model's name, whatever the client called it
 * @param maxTokens the longest answer if the request does not say, 1 or more
 * @param maxTokensField how chat completions call that: {@code max_tokens} or {@code max_completion_tokens}
 * @param system the system message if the request has none of its own
 */
public record Prompt(
        ChatRequest request,
        String model,
        int maxTokens,
        String maxTokensField,
        @Nullable String system) {
    /** The system message that is to be sent; null if none is. */
    public @Nullable String systemMessage() {
        String told = request.system() != null ? request.system() : system;
        return told == null || told.isBlank() ? null : told;
    }

    /** The longest answer that is wanted. */
    public int longest() {
        Integer most = request.maxTokens();
        return most != null ? most : maxTokens;
    }

    /** Never the prompts: a log line must not leak one. */
    @Override
    public String toString() {
        return "Prompt[model=" + model + "]";
    }
}
