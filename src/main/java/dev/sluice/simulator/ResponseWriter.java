package dev.sluice.simulator;

import dev.sluice.simulator.Script.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Writes one response of OpenAI's Responses API: an item with the summary of the reasoning, if there is any, and a message.
 * Keeps what the answer says, because the last events repeat it; of an answer without end, only the beginning.
 */
final class ResponseWriter implements AnswerWriter {
    /** The limit of characters that are repeated. An endless answer never comes to its end. */
    private static final int MOST_REPEATED = 1 << 20;

    private final String id;
    private final long created = System.currentTimeMillis() / 1000;
    private final String model;
    private final long promptTokens;
    private final @Nullable Integer maxTokens;

    // Guarded by the stream's thread.
    private int sequenceNumber;
    private @Nullable Item open; // the item whose pieces come
    private final List<Item> items = new ArrayList<>(2);

    /** @param id a part of the response's id */
    ResponseWriter(String id, Question question) {
        this.id = id;
        this.model = question.model();
        this.promptTokens = AnswerText.count(question.prompt());
        this.maxTokens = question.maxTokens();
    }

    @Override
    public byte[] opening() {
        return Written.utf8(event("response.created", response("in_progress", null))
                + event("response.in_progress", response("in_progress", null)));
    }

    @Override
    public byte[] event(Piece piece) {
        if (piece instanceof Piece.Raw raw) {
            return Written.raw(raw);
        }
        if (piece instanceof Piece.Reasoning reasoning) {
            return Written.utf8(piece(Kind.REASONING, reasoning.text()));
        }
        if (piece instanceof Piece.Content content) {
            return Written.utf8(piece(Kind.MESSAGE, content.text()));
        }
        // Where chat completions have empty deltas, a response has a sign of life of its own.
        return Written.utf8(event("keepalive", json -> {}));
    }

    @Override
    public byte[] closing(Tally tally) {
        StringBuilder events = new StringBuilder(close());
        boolean cutShort = tally.cutShort();
        events.append(event(
                cutShort ? "response.incomplete" : "response.completed",
                response(cutShort ? "incomplete" : "completed", tally)));
        return Written.utf8(events.toString());
    }

    @Override
    public String whole(Tally tally, String reasoning, String content) {
        if (!reasoning.isEmpty()) {
            add(Kind.REASONING).text.append(reasoning);
        }
        add(Kind.MESSAGE).text.append(content);
        return Written.json(json -> fields(json, tally.cutShort() ? "incomplete" : "completed", tally));
    }

    /** The events of a piece, with those that open its item and close the one before. */
    private String piece(Kind kind, String text) {
        StringBuilder events = new StringBuilder();
        Item item = open;
        if (item == null || item.kind != kind) {
            events.append(close());
            item = add(kind);
            open = item;
            events.append(opened(item));
        }
        if (item.text.length() < MOST_REPEATED) {
            item.text.append(text);
        }
        return events.append(event(kind.type + ".delta", about(item, json -> {
                    json.writeStringProperty("delta", text);
                    if (kind == Kind.MESSAGE) {
                        json.writeArrayPropertyStart("logprobs");
                        json.writeEndArray();
                    }
                })))
                .toString();
    }

    private Item add(Kind kind) {
        Item item = new Item(kind, kind.prefix + "_sim_" + id, items.size());
        items.add(item);
        return item;
    }

    private String opened(Item item) {
        return event("response.output_item.added", ofItem(item, "in_progress", ""))
                + event(item.kind.partType + ".added", about(item, part(item, "")));
    }

    /** The events that close the open item; empty if there is none. */
    private String close() {
        Item item = open;
        open = null;
        if (item == null) {
            return "";
        }
        String text = item.text.toString();
        return event(item.kind.type + ".done", about(item, json -> json.writeStringProperty("text", text)))
                + event(item.kind.partType + ".done", about(item, part(item, text)))
                + event("response.output_item.done", ofItem(item, "completed", text));
    }

    private String event(String type, Consumer<JsonGenerator> members) {
        String data = Written.json(json -> {
            json.writeStringProperty("type", type);
            json.writeNumberProperty("sequence_number", sequenceNumber++);
            members.accept(json);
        });
        return Written.event(type, data);
    }

    private static Consumer<JsonGenerator> about(Item item, Consumer<JsonGenerator> members) {
        return json -> {
            json.writeStringProperty("item_id", item.id);
            json.writeNumberProperty("output_index", item.place);
            json.writeNumberProperty(item.kind.partIndex, 0);
            members.accept(json);
        };
    }

    private static Consumer<JsonGenerator> part(Item item, String text) {
        return json -> {
            json.writeName("part");
            item.writePart(json, text);
        };
    }

    private static Consumer<JsonGenerator> ofItem(Item item, String status, String text) {
        return json -> {
            json.writeNumberProperty("output_index", item.place);
            json.writeName("item");
            item.write(json, status, text);
        };
    }

    /** @param tally null while the response is in progress */
    private Consumer<JsonGenerator> response(String status, @Nullable Tally tally) {
        return json -> {
            json.writeObjectPropertyStart("response");
            fields(json, status, tally);
            json.writeEndObject();
        };
    }

    private void fields(JsonGenerator json, String status, @Nullable Tally tally) {
        json.writeStringProperty("id", "resp_sim_" + id);
        json.writeStringProperty("object", "response");
        json.writeNumberProperty("created_at", created);
        json.writeStringProperty("status", status);
        json.writeNullProperty("error");
        json.writeName("incomplete_details");
        if (status.equals("incomplete")) {
            json.writeStartObject();
            json.writeStringProperty("reason", "max_output_tokens");
            json.writeEndObject();
        } else {
            json.writeNull();
        }
        json.writeNullProperty("instructions");
        json.writeName("max_output_tokens");
        if (maxTokens == null) {
            json.writeNull();
        } else {
            json.writeNumber(maxTokens);
        }
        json.writeNullProperty("metadata");
        json.writeStringProperty("model", model);
        json.writeArrayPropertyStart("output");
        if (tally != null) {
            items.forEach(item -> item.write(json, "completed", item.text.toString()));
        }
        json.writeEndArray();
        json.writeBooleanProperty("parallel_tool_calls", true);
        json.writeBooleanProperty("store", false);
        json.writeNullProperty("temperature");
        json.writeStringProperty("tool_choice", "auto");
        json.writeArrayPropertyStart("tools");
        json.writeEndArray();
        json.writeNullProperty("top_p");
        json.writeName("usage");
        if (tally == null) {
            json.writeNull();
        } else {
            usage(json, tally);
        }
    }

    private void usage(JsonGenerator json, Tally tally) {
        int output = tally.content() + tally.reasoning();
        json.writeStartObject();
        json.writeNumberProperty("input_tokens", promptTokens);
        json.writeObjectPropertyStart("input_tokens_details");
        json.writeNumberProperty("cached_tokens", 0);
        json.writeEndObject();
        json.writeNumberProperty("output_tokens", output);
        json.writeObjectPropertyStart("output_tokens_details");
        json.writeNumberProperty("reasoning_tokens", tally.reasoning());
        json.writeEndObject();
        json.writeNumberProperty("total_tokens", promptTokens + output);
        json.writeEndObject();
    }

    /** The kinds of output items. */
    private enum Kind {
        REASONING("rs", "response.reasoning_summary_text", "response.reasoning_summary_part", "summary_index"),
        MESSAGE("msg", "response.output_text", "response.content_part", "content_index");

        private final String prefix;
        private final String type;
        private final String partType;
        private final String partIndex;

        Kind(String prefix, String type, String partType, String partIndex) {
            this.prefix = prefix;
            this.type = type;
            this.partType = partType;
            this.partIndex = partIndex;
        }
    }

    /** An output item. Guarded by the stream's thread. */
    private static final class Item {
        private final Kind kind;
        private final String id;
        private final int place;
        private final StringBuilder text = new StringBuilder();

        Item(Kind kind, String id, int place) {
            this.kind = kind;
            this.id = id;
            this.place = place;
        }

        void write(JsonGenerator json, String status, String said) {
            json.writeStartObject();
            json.writeStringProperty("id", id);
            json.writeStringProperty("type", kind == Kind.MESSAGE ? "message" : "reasoning");
            json.writeStringProperty("status", status);
            if (kind == Kind.MESSAGE) {
                json.writeStringProperty("role", "assistant");
            }
            json.writeArrayPropertyStart(kind == Kind.MESSAGE ? "content" : "summary");
            if (status.equals("completed")) {
                writePart(json, said);
            }
            json.writeEndArray();
            json.writeEndObject();
        }

        void writePart(JsonGenerator json, String said) {
            json.writeStartObject();
            if (kind == Kind.MESSAGE) {
                json.writeStringProperty("type", "output_text");
                json.writeArrayPropertyStart("annotations");
                json.writeEndArray();
                json.writeArrayPropertyStart("logprobs");
                json.writeEndArray();
            } else {
                json.writeStringProperty("type", "summary_text");
            }
            json.writeStringProperty("text", said);
            json.writeEndObject();
        }
    }
}
