package dev.sluice.servlet;

import dev.sluice.chat.ChatRequest;
import dev.sluice.chat.InvalidRequestException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects the fields of a {@code /chat} request and checks their ranges. Used by one thread, for one request. */
final class ChatDraft {
    /** The names of the fields, in the order of error messages. */
    static final List<String> FIELDS = List.of("prompt", "system", "model", "max_tokens", "temperature", "reasoning");

    private static final int MAX_MODEL_LENGTH = 256;

    private final Set<String> seen = new HashSet<>();
    private @Nullable String prompt;
    private @Nullable String system;
    private @Nullable String model;
    private @Nullable Integer maxTokens;
    private @Nullable Double temperature;
    private boolean reasoning;

    /** Records that a field occurs; a second time is an error. */
    void once(String field) throws InvalidRequestException {
        if (!seen.add(field)) {
            throw InvalidRequestException.badField(
                    "duplicate_field", field, "\"" + field + "\" is there more than once.");
        }
    }

    void prompt(String text) {
        prompt = text;
    }

    void system(String text) {
        system = text;
    }

    void model(String name) throws InvalidRequestException {
        if (name.isBlank() || name.length() > MAX_MODEL_LENGTH || name.chars().anyMatch(Character::isISOControl)) {
            throw invalid(
                    "model",
                    "a name of 1 to " + MAX_MODEL_LENGTH + " characters, not blank and without control characters");
        }
        model = name;
    }

    /** @param tokens any number; a text that is no number is passed as one below the range */
    void maxTokens(long tokens) throws InvalidRequestException {
        if (tokens < 1 || tokens > Integer.MAX_VALUE) {
            throw invalid("max_tokens", "a whole number from 1 to " + Integer.MAX_VALUE);
        }
        maxTokens = (int) tokens;
    }

    /** @param value any number; NaN for a text that is no number */
    void temperature(double value) throws InvalidRequestException {
        if (!(value >= 0 && value <= 2)) {
            throw invalid("temperature", "a number from 0 to 2");
        }
        temperature = value;
    }

    void reasoning(boolean wanted) {
        reasoning = wanted;
    }

    ChatRequest request() throws InvalidRequestException {
        if (prompt == null || prompt.isBlank()) {
            throw InvalidRequestException.badField(
                    "missing_prompt", "prompt", "\"prompt\" is missing or blank; it is what the model answers.");
        }
        return new ChatRequest(prompt, system, model, maxTokens, temperature, reasoning);
    }

    /** Without the value, which may be a prompt in the wrong field. */
    static InvalidRequestException invalid(String field, String expected) {
        return InvalidRequestException.badField("invalid_value", field, "\"" + field + "\" must be " + expected + ".");
    }
}
