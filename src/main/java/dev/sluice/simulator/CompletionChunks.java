package dev.sluice.simulator;

import dev.sluice.simulator.Script.Piece;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * What chat completions and the older completions of OpenAI's API have in common: chunks with choices, a last one with the
 * usage, and {@code [DONE]}. Does not keep the prompt, which may be long.
 */
abstract class CompletionChunks implements AnswerWriter {
    /** The last event of every stream. */
    private static final String DONE = "data: [DONE]\n\n";

    private final String id;
    private final long created = System.currentTimeMillis() / 1000;
    private final String model;
    private final long promptTokens;
    private final boolean usage;

    /** @param id the completion's id, the same in all of its chunks */
    CompletionChunks(String id, Question question) {
        this.id = id;
        this.model = question.model();
        this.promptTokens = AnswerText.count(question.prompt());
        this.usage = question.usage();
    }

    /** An error in OpenAI's shape, or, with status 200, in xAI's. */
    static String error(Fault fault) {
        return Written.json(json -> {
            if (fault.status() == 200) {
                json.writeStringProperty("code", fault.code());
                json.writeStringProperty("error", fault.message());
                return;
            }
            json.writeObjectPropertyStart("error");
            json.writeStringProperty("message", fault.message());
            json.writeStringProperty("type", fault.type());
            json.writeStringProperty("param", fault.param());
            json.writeStringProperty("code", fault.code());
            json.writeEndObject();
        });
    }

    static String models(List<String> ids) {
        return Written.json(json -> {
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

    // ---- The rules of one of the two.

    /** The value of {@code object} in a chunk. */
    abstract String objectOfChunk();

    /** The value of {@code object} in an answer without streaming. */
    abstract String objectOfWhole();

    /** The members of a choice of a chunk: its piece of the answer. */
    abstract Consumer<JsonGenerator> piece(Piece piece);

    /** The members of the choice of an answer without streaming. */
    abstract Consumer<JsonGenerator> all(String reasoning, String content);

    // ---- The answer.

    @Override
    public byte[] event(Piece piece) {
        return piece instanceof Piece.Raw raw ? Written.raw(raw) : Written.utf8(chunk(piece(piece), null));
    }

    @Override
    public byte[] closing(Tally tally) {
        StringBuilder events = new StringBuilder(chunk(piece(new Piece.Empty()), tally.finishReason()));
        if (usage) {
            events.append(chunk(json -> {
                json.writeArrayPropertyStart("choices");
                json.writeEndArray();
                usage(json, tally);
            }));
        }
        return Written.utf8(events.append(DONE).toString());
    }

    @Override
    public String whole(Tally tally, String reasoning, String content) {
        return Written.json(json -> {
            head(json, objectOfWhole());
            choice(json, all(reasoning, content), tally.finishReason());
            usage(json, tally);
        });
    }

    /** An event with one choice. */
    final String chunk(Consumer<JsonGenerator> piece, @Nullable String finishReason) {
        return chunk(json -> {
            choice(json, piece, finishReason);
            if (usage) {
                json.writeNullProperty("usage");
            }
        });
    }

    private String chunk(Consumer<JsonGenerator> rest) {
        return Written.event(Written.json(json -> {
            head(json, objectOfChunk());
            rest.accept(json);
        }));
    }

    private void head(JsonGenerator json, String object) {
        json.writeStringProperty("id", id);
        json.writeStringProperty("object", object);
        json.writeNumberProperty("created", created);
        json.writeStringProperty("model", model);
    }

    private static void choice(JsonGenerator json, Consumer<JsonGenerator> members, @Nullable String finishReason) {
        json.writeArrayPropertyStart("choices");
        json.writeStartObject();
        json.writeNumberProperty("index", 0);
        members.accept(json);
        json.writeStringProperty("finish_reason", finishReason);
        json.writeEndObject();
        json.writeEndArray();
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
}
