package dev.sluice.simulator;

import dev.sluice.simulator.Script.Piece;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/** Writes one of the older completions of OpenAI's API. They have no place for reasoning: it is counted, and not sent. */
final class TextCompletionWriter extends CompletionChunks {
    private static final byte[] NOTHING = {};

    TextCompletionWriter(String id, Question question) {
        super("cmpl-sim-" + id, question);
    }

    @Override
    String objectOfChunk() {
        return "text_completion";
    }

    @Override
    String objectOfWhole() {
        return "text_completion";
    }

    @Override
    public byte[] opening() {
        return NOTHING;
    }

    @Override
    Consumer<JsonGenerator> piece(Piece piece) {
        return text(piece instanceof Piece.Content content ? content.text() : "");
    }

    @Override
    Consumer<JsonGenerator> all(String reasoning, String content) {
        return text(content);
    }

    private static Consumer<JsonGenerator> text(String text) {
        return json -> {
            json.writeStringProperty("text", text);
            json.writeNullProperty("logprobs");
        };
    }
}
