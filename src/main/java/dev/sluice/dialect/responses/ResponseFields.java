package dev.sluice.dialect.responses;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.Edits;
import dev.sluice.dialect.OutputFields;
import dev.sluice.dialect.RequestFields;
import dev.sluice.dialect.Span;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** The fields of a request that have the provider store something, or that refer to it. Used by one thread while it parses. */
final class ResponseFields extends RequestFields {
    static final String STORE = "store";

    /** A server of llama.cpp knows the names of chat completions too. */
    private static final OutputFields.Names OUTPUT = new OutputFields.Names(
            List.of("max_output_tokens"), List.of("max_tokens", "max_completion_tokens", "n_predict"), List.of());

    /** The fields that can refer to state. */
    private static final Set<String> GUARDED =
            Set.of(STORE, "background", "previous_response_id", "conversation", "prompt", "input", "tools");

    private final boolean allowsState;
    private @Nullable Span nullStore; // the position of a "store" that is null, which counts as true

    private ResponseFields(boolean allowsState) {
        super("{\"model\": \"…\", \"input\": \"…\"}", OUTPUT);
        this.allowsState = allowsState;
    }

    static ResponseFields read(byte[] json, int length, boolean allowsState) throws InvalidRequestException {
        ResponseFields fields = new ResponseFields(allowsState);
        fields.readBody(json, length);
        return fields;
    }

    boolean allowsState() {
        return allowsState;
    }

    /** Makes the request say that the provider is to store nothing. */
    void forbidStoring(Edits edits) {
        if (allowsState) {
            return;
        }
        if (nullStore != null) {
            edits.replace(nullStore, "false");
        } else if (!names().contains(STORE)) {
            edits.add("\"" + STORE + "\":false");
        }
    }

    @Override
    protected void readField(String name, JsonParser parser, boolean again) throws InvalidRequestException {
        if (!allowsState) {
            String folded = State.folded(name); // some parsers ignore the case of names
            if (GUARDED.contains(folded) && !folded.equals(name)) {
                throw invalid(folded, "written in lower case");
            }
            switch (name) {
                case STORE -> readStore(parser, again);
                case "background" -> {
                    if (readBoolean(name, parser, again)) {
                        throw State.refused(name, "must not be true");
                    }
                }
                case "previous_response_id", "conversation", "prompt" -> {
                    if (parser.currentToken() != JsonToken.VALUE_NULL) {
                        throw State.refused(name, "must not be set");
                    }
                }
                case "input" -> State.checkInput(parser);
                case "tools" -> State.checkTools(parser);
                default -> {}
            }
        }
        parser.skipChildren();
    }

    private void readStore(JsonParser parser, boolean again) throws InvalidRequestException {
        if (readBoolean(STORE, parser, again)) {
            throw State.refused(STORE, "must be false");
        }
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            nullStore = new Span(start(parser), behind(parser));
        }
    }
}
