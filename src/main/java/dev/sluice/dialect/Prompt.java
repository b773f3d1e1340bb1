package dev.sluice.dialect;

import dev.sluice.chat.ChatRequest;
import org.jspecify.annotations.Nullable;

/**
 * What {@code /chat} requests from an upstream.
 *
 * @param request the client's request; its {@code maxTokens} and {@code system} override the defaults below, and with a
 *     blank {@code system} no system message is sent
 * @param model the upstream's name of the model
 * @param maxTokens the default limit of tokens, 1 or more
 * @param maxTokensField the name of that limit in chat completions: {@code max_tokens} or {@code max_completion_tokens}
 * @param system the default system message
 */
public record Prompt(
        ChatRequest request,
        String model,
        int maxTokens,
        String maxTokensField,
        @Nullable String system) {
    /** The system message to send; null if none is. */
    public @Nullable String systemMessage() {
        String told = request.system() != null ? request.system() : system;
        return told == null || told.isBlank() ? null : told;
    }

    /** The limit of tokens to send. */
    public int longest() {
        Integer most = request.maxTokens();
        return most != null ? most : maxTokens;
    }

    /** Without the prompts, because it may be logged. */
    @Override
    public String toString() {
        return "Prompt[model=" + model + "]";
    }
}
