package dev.sluice.dialect;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.relay.Translator;
import tools.jackson.core.JsonGenerator;

/** A dialect that can express the prompts of {@code /chat}, and whose answers are text. */
public interface ChatDialect extends Dialect {
    /**
     * Writes the body of a request for a streamed answer to a prompt of {@code /chat}. Called twice for each prompt,
     * and writes the same both times. Strings must pass through {@link Json#wellFormed}.
     */
    void write(Prompt prompt, JsonGenerator json);

    /**
     * Parses the body that {@link #write} has written.
     *
     * @param body is kept, so the caller must not change it
     * @throws InvalidRequestException as {@link #read}
     */
    default ApiRequest readPrompt(byte[] body) throws InvalidRequestException {
        return read(body, body.length);
    }

    /**
     * A translator that reads the text of the answer for {@code /chat}.
     *
     * @param wantsReasoning whether the client gets the model's reasoning
     */
    Translator textTranslator(boolean wantsReasoning, AnswerContext context);
}
