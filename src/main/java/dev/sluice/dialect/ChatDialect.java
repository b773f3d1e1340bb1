package dev.sluice.dialect;

import dev.sluice.relay.Translator;
import tools.jackson.core.JsonGenerator;

/** A dialect in which the prompts of {@code /chat} can be put, and whose answers are text. */
public interface ChatDialect extends Dialect {
    /**
     * Writes the body of a request that asks for what a client of {@code /chat} wants: a stream. Called twice for each
     * prompt, and writes the same both times. Strings go through {@link Json#wellFormed}.
     */
    void write(Prompt prompt, JsonGenerator json);

    /**
     * Reads the text of the answer for {@code /chat}.
     *
     * @param wantsReasoning whether the client is to hear what the model thinks
     */
    Translator textTranslator(boolean wantsReasoning, AnswerContext context);
}
