package dev.sluice.simulator;

import dev.sluice.simulator.Script.Piece;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes one completion as OpenAI's API has it: the chunks of a stream, or the object for a request without streaming.
 * Does not keep the prompt, which may be long. Immutable.
 *
 * @param id the completion's id, the same in all of its chunks
 * @param created the time at which it began, in seconds since 1970
 * @param promptTokens the number of tokens of the prompt
 * @param usage whether a stream has a last chunk with the usage
 */
record ChatCompletionWriter(String id, long created, String model, long promptTokens, boolean usage) {
    /** The last event of every stream. */
    private static final String DONE = "data: [DONE]\n\n";

    private static final JsonFactory JSON = new JsonFactory();

    static ChatCompletionWriter of(String id, Question question) {
        long now = System.currentTimeMillis() / 1000;
        return new ChatCompletionWriter(
                id, now, question.model(), AnswerText.count(question.prompt()), question.usage());
    }

    static String error(String type, String code, @Nullable String param, String message) {
        return json(json -> {
            json.writeObjectPropertyStart("error");
            json.writeStringProperty("message", message);
            json.writeStringProperty("type", type);
            json.writeStringProperty("param", param);
            json.writeStringProperty("code", code);
            json.writeEndObject();
        });
    }

    static String models(List<String> ids) {
        return json(json -> {
            json.writeStringProperty("object", "list");
            json.writeArrayPropertyStart("data");
            for (String id : ids) {
                json.writeStartObject();
                json.writeStringProperty("id", id);
                json.writeStringProperty("object", "model");
                json.writeNumberProperty("created", 0);
                json.writeStringProperty("owned_by", "sluice");
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    /** The first event: it has the role, and no token. */
    byte[] opening() {
        return utf8(event(choice(
                delta -> {
                    delta.writeStringProperty("role", "assistant");
                    delta.writeStringProperty("content", "");
                },
                null)));
    }

    byte[] event(Piece piece) {
        if (piece instanceof Piece.Content content) {
            return utf8(event(choice(delta -> delta.writeStringProperty("content", content.text()), null)));
        }
        if (piece instanceof Piece.Reasoning reasoning) {
            return utf8(event(choice(delta -> delta.writeStringProperty("reasoning_content", reasoning.text()), null)));
        }
        if (piece instanceof Piece.Raw raw) {
            return raw.bytes().getBytes(StandardCharsets.ISO_8859_1);
        }
        return utf8(event(choice(delta -> {}, null)));
    }

    /** All events behind the last token. */
    byte[] closing(Tally tally) {
        StringBuilder events = new StringBuilder(event(choice(delta -> {}, tally.finishReason())));
        if (usage) {
            events.append(event(json -> {
                json.writeArrayPropertyStart("choices");
                json.writeEndArray();
                usage(json, tally);
            }));
        }
        return utf8(events.append(DONE).toString());
    }

    /** The completion as one object, for a request without streaming. */
    String completion(Tally tally, String reasoning, String content) {
        return json(json -> {
            head(json, "chat.completion");
            json.writeArrayPropertyStart("choices");
            json.writeStartObject();
            json.writeNumberProperty("index", 0);
            json.writeObjectPropertyStart("message");
            json.writeStringProperty("role", "assistant");
            json.writeStringProperty("content", content);
            if (!reasoning.isEmpty()) {
                json.writeStringProperty("reasoning_content", reasoning);
            }
            json.writeEndObject();
            json.writeStringProperty("finish_reason", tally.finishReason());
            json.writeEndObject();
            json.writeEndArray();
            usage(json, tally);
        });
    }

    private String event(Consumer<JsonGenerator> rest) {
        String data = json(json -> {
            head(json, "chat.completion.chunk");
            rest.accept(json);
        });
        return "data: " + data + "\n\n";
    }

    private void head(JsonGenerator json, String object) {
        json.writeStringProperty("id", id);
        json.writeStringProperty("object", object);
        json.writeNumberProperty("created", created);
        json.writeStringProperty("model", model);
    }

    private Consumer<JsonGenerator> choice(Consumer<JsonGenerator> delta, @Nullable String finishReason) {
        return json -> {
            json.writeArrayPropertyStart("choices");
            json.writeStartObject();
            json.writeNumberProperty("index", 0);
            json.writeObjectPropertyStart("delta");
            delta.accept(json);
            json.writeEndObject();
            json.writeStringProperty("finish_reason", finishReason);
            json.writeEndObject();
            json.writeEndArray();
            if (usage) {
                json.writeNullProperty("usage");
            }
        };
    }

    /** As xAI counts: {@code completion_tokens} leaves the tokens of reasoning out, {@code total_tokens} has them. */
    private void usage(JsonGenerator json, Tally tally) {
        json.writeObjectPropertyStart("usage");
        json.writeNumberProperty("prompt_tokens", promptTokens);
        json.writeNumberProperty("completion_tokens", tally.content());
        json.writeNumberProperty("total_tokens", promptTokens + tally.content() + tally.reasoning());
        json.writeObjectPropertyStart("completion_tokens_details");
        json.writeNumberProperty("reasoning_tokens", tally.reasoning());
        json.writeEndObject();
        json.writeEndObject();
    }

    private static String json(Consumer<JsonGenerator> properties) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            properties.accept(json);
            json.writeEndObject();
        }
        return text.toString();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
