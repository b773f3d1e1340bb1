package dev.sluice.simulator;

import dev.sluice.simulator.Script.Piece;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/** Writes one chat completion of OpenAI's API. */
final class ChatCompletionWriter extends CompletionChunks {
    ChatCompletionWriter(String id, Question question) {
        super("chatcmpl-sim-" + id, question);
    }

    @Override
    String objectOfChunk() {
        return "chat.completion.chunk";
    }

    @Override
    String objectOfWhole() {
        return "chat.completion";
    }

    /** The first event has the role, and no token. */
    @Override
    public byte[] opening() {
        return Written.utf8(chunk(
                delta(members -> {
                    members.writeStringProperty("role", "assistant");
                    members.writeStringProperty("content", "");
                }),
                null));
    }

    @Override
    Consumer<JsonGenerator> piece(Piece piece) {
        return delta(members -> {
            if (piece instanceof Piece.Content content) {
                members.writeStringProperty("content", content.text());
            } else if (piece instanceof Piece.Reasoning reasoning) {
                members.writeStringProperty("reasoning_content", reasoning.text());
            }
        });
    }

    @Override
    Consumer<JsonGenerator> all(String reasoning, String content) {
        return json -> {
            json.writeObjectPropertyStart("message");
            json.writeStringProperty("role", "assistant");
            json.writeStringProperty("content", content);
            if (!reasoning.isEmpty()) {
                json.writeStringProperty("reasoning_content", reasoning);
            }
            json.writeEndObject();
        };
    }

    private static Consumer<JsonGenerator> delta(Consumer<JsonGenerator> members) {
        return json -> {
            json.writeObjectPropertyStart("delta");
            members.accept(json);
            json.writeEndObject();
        };
    }
}
