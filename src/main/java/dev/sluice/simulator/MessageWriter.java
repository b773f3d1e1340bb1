package dev.sluice.simulator;

import dev.sluice.simulator.Script.Piece;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** Writes one message of Anthropic's API: reasoning is a block of thinking, empty deltas are pings. */
final class MessageWriter implements AnswerWriter {
    private static final String PING = Written.event("ping", "{\"type\": \"ping\"}");

    private final String id;
    private final String model;
    private final long promptTokens;

    /** The type of the block that has begun; null if none has. */
    private @Nullable String open;

    private int index = -1; // of the block

    MessageWriter(String id, Question question) {
        this.id = "msg_sim_" + id;
        this.model = question.model();
        this.promptTokens = AnswerText.count(question.prompt());
    }

    static String error(Fault fault) {
        return Written.json(json -> {
            json.writeStringProperty("type", "error");
            json.writeObjectPropertyStart("error");
            json.writeStringProperty(
                    "type",
                    switch (fault.status()) {
                        case 400 -> "invalid_request_error";
                        case 404 -> "not_found_error";
                        case 429 -> "rate_limit_error";
                        default -> "api_error";
                    });
            json.writeStringProperty("message", fault.message());
            json.writeEndObject();
            json.writeStringProperty("request_id", "req_sim");
        });
    }

    @Override
    public byte[] opening() {
        return Written.utf8(event("message_start", json -> {
                    json.writeObjectPropertyStart("message");
                    message(json, null, content -> {}, 1);
                    json.writeEndObject();
                })
                + PING);
    }

    @Override
    public byte[] event(Piece piece) {
        if (piece instanceof Piece.Content content) {
            return Written.utf8(begin("text") + delta("text_delta", "text", content.text()));
        }
        if (piece instanceof Piece.Reasoning reasoning) {
            return Written.utf8(begin("thinking") + delta("thinking_delta", "thinking", reasoning.text()));
        }
        return piece instanceof Piece.Raw raw ? Written.raw(raw) : Written.utf8(PING);
    }

    @Override
    public byte[] closing(Tally tally) {
        String end = event("message_delta", json -> {
            json.writeObjectPropertyStart("delta");
            json.writeStringProperty("stop_reason", stopReason(tally));
            json.writeNullProperty("stop_sequence");
            json.writeEndObject();
            json.writeObjectPropertyStart("usage");
            json.writeNumberProperty("output_tokens", tally.content() + tally.reasoning());
            json.writeEndObject();
        });
        return Written.utf8(endBlock() + end + event("message_stop", json -> {}));
    }

    @Override
    public String whole(Tally tally, String reasoning, String content) {
        return Written.json(json -> message(
                json,
                stopReason(tally),
                blocks -> {
                    if (!reasoning.isEmpty()) {
                        block(blocks, "thinking", reasoning);
                    }
                    block(blocks, "text", content);
                },
                tally.content() + tally.reasoning()));
    }

    private void message(
            JsonGenerator json, @Nullable String stopReason, Consumer<JsonGenerator> content, int outputTokens) {
        json.writeStringProperty("id", id);
        json.writeStringProperty("type", "message");
        json.writeStringProperty("role", "assistant");
        json.writeStringProperty("model", model);
        json.writeArrayPropertyStart("content");
        content.accept(json);
        json.writeEndArray();
        json.writeStringProperty("stop_reason", stopReason);
        json.writeNullProperty("stop_sequence");
        json.writeObjectPropertyStart("usage");
        json.writeNumberProperty("input_tokens", promptTokens);
        json.writeNumberProperty("cache_creation_input_tokens", 0);
        json.writeNumberProperty("cache_read_input_tokens", 0);
        json.writeNumberProperty("output_tokens", outputTokens);
        json.writeEndObject();
    }

    /** The events that begin a block of this type, and end another; none if it is open already. */
    private String begin(String type) {
        if (type.equals(open)) {
            return "";
        }
        String ended = endBlock();
        index++;
        open = type;
        return ended
                + event("content_block_start", json -> {
                    json.writeNumberProperty("index", index);
                    json.writeName("content_block");
                    block(json, type, "");
                });
    }

    private String endBlock() {
        if (open == null) {
            return "";
        }
        String signature = open.equals("thinking") ? delta("signature_delta", "signature", "c2ltdWxhdGVk") : "";
        open = null;
        return signature + event("content_block_stop", json -> json.writeNumberProperty("index", index));
    }

    private String delta(String type, String field, String text) {
        return event("content_block_delta", json -> {
            json.writeNumberProperty("index", index);
            json.writeObjectPropertyStart("delta");
            json.writeStringProperty("type", type);
            json.writeStringProperty(field, text);
            json.writeEndObject();
        });
    }

    private static void block(JsonGenerator json, String type, String text) {
        json.writeStartObject();
        json.writeStringProperty("type", type);
        json.writeStringProperty(type, text);
        if (type.equals("thinking")) {
            json.writeStringProperty("signature", "");
        }
        json.writeEndObject();
    }

    private static String event(String type, Consumer<JsonGenerator> members) {
        return Written.event(type, Written.json(json -> {
            json.writeStringProperty("type", type);
            members.accept(json);
        }));
    }

    private static String stopReason(Tally tally) {
        return tally.cutShort() ? "max_tokens" : "end_turn";
    }
}
