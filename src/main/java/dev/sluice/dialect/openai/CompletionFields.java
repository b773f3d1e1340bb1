package dev.sluice.dialect.openai;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.Edits;
import dev.sluice.dialect.OutputFields;
import dev.sluice.dialect.RequestFields;
import dev.sluice.dialect.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** The fields of a completion request for choices and usage. Used by one thread while it parses. */
final class CompletionFields extends RequestFields {
    static final String STREAM_OPTIONS = "stream_options";
    static final String INCLUDE_USAGE = "include_usage";

    private static final List<String> ANSWERS = List.of("n", "best_of", "n_cmpl");

    /** A server of llama.cpp prefers {@code n_predict} and {@code n_cmpl}; others ignore them. */
    private static final OutputFields.Names OF_CHAT =
            new OutputFields.Names(List.of("max_tokens", "max_completion_tokens"), List.of("n_predict"), ANSWERS);

    private static final OutputFields.Names OF_TEXT =
            new OutputFields.Names(List.of("max_tokens"), List.of("max_completion_tokens", "n_predict"), ANSWERS);

    private boolean wantsUsage;
    private int choices = 1; // for each prompt
    private int prompts = 1;
    private boolean promptAgain;
    private boolean promptInOtherCase; // some parsers accept that

    // The position and the JSON of the change that makes the existing stream_options request the usage; null if none is
    // needed, or if there are no stream_options.
    private @Nullable Span usagePlace;
    private String usageJson = "";

    private final ChunkForm form;

    private CompletionFields(ChunkForm form) {
        super(
                form == ChunkForm.CHAT
                        ? "{\"model\": \"…\", \"messages\": [{\"role\": \"user\", \"content\": \"…\"}]}"
                        : "{\"model\": \"…\", \"prompt\": \"…\"}",
                form == ChunkForm.CHAT ? OF_CHAT : OF_TEXT);
        this.form = form;
    }

    static CompletionFields read(byte[] json, int length, ChunkForm form) throws InvalidRequestException {
        CompletionFields fields = new CompletionFields(form);
        fields.readBody(json, length);
        return fields;
    }

    @Override
    protected int prompts() {
        return prompts;
    }

    @Override
    protected void requireClearPrompts() throws InvalidRequestException {
        if (form != ChunkForm.CHAT && promptInOtherCase) {
            throw invalid("prompt", "written in lower case");
        }
        refuse(form != ChunkForm.CHAT && promptAgain, "prompt");
    }

    /** The number of choices of all prompts together, 1 or more. */
    int choices() {
        return (int) Math.min(Integer.MAX_VALUE, (long) choices * prompts);
    }

    boolean wantsUsage() {
        return wantsUsage;
    }

    /** Makes the request ask for the usage of a stream. */
    void askForUsage(Edits edits) {
        if (!streams() || wantsUsage) {
            return;
        }
        if (usagePlace == null) {
            edits.add("\"" + STREAM_OPTIONS + "\":{\"" + INCLUDE_USAGE + "\":true}");
        } else {
            edits.replace(usagePlace, usageJson);
        }
    }

    /**
     * Whether this field is given. The older and the newer name of the limit of tokens count as the same field, because
     * some providers refuse a request with both.
     */
    boolean isGiven(String name) {
        return names().contains(name) || names().contains(otherName(name));
    }

    private static String otherName(String name) {
        return switch (name) {
            case "max_tokens" -> "max_completion_tokens";
            case "max_completion_tokens" -> "max_tokens";
            default -> name;
        };
    }

    @Override
    protected void readField(String name, JsonParser parser, boolean again) throws InvalidRequestException {
        switch (name) {
            case STREAM_OPTIONS -> readOptions(parser, again);
            case "n" -> readChoices(parser);
            case "prompt" -> {
                promptAgain |= again;
                readPrompts(parser);
            }
            default -> {
                promptInOtherCase |= name.equalsIgnoreCase("prompt");
                parser.skipChildren();
            }
        }
    }

    /** Reads {@code n}. A value that is no valid number counts as 1; the upstream may refuse it. */
    private void readChoices(JsonParser parser) {
        boolean isInt = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() == JsonParser.NumberType.INT;
        choices = isInt ? Math.max(1, parser.getIntValue()) : 1;
        parser.skipChildren();
    }

    /** Counts the prompts of the older completions: a list has one in each text, or in each list of token ids. */
    private void readPrompts(JsonParser parser) {
        prompts = 1;
        if (form == ChunkForm.CHAT || parser.currentToken() != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return;
        }
        int listed = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            JsonToken element = parser.currentToken();
            listed += element == JsonToken.VALUE_STRING || element == JsonToken.START_ARRAY ? 1 : 0;
            parser.skipChildren();
        }
        prompts = Math.max(1, listed);
    }

    private void readOptions(JsonParser parser, boolean again) throws InvalidRequestException {
        String field = STREAM_OPTIONS;
        refuse(again, field);
        int from = start(parser);
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            usage(new Span(from, behind(parser)), "{\"" + INCLUDE_USAGE + "\":true}");
            return;
        }
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw invalid(field, "an object");
        }
        int open = behind(parser);
        boolean empty = true;
        boolean given = false;
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            empty = false;
            if (name.equals(INCLUDE_USAGE)) {
                readIncludeUsage(parser, given);
                given = true;
            } else {
                parser.skipChildren();
            }
        }
        if (!given) {
            String member = "\"" + INCLUDE_USAGE + "\":true";
            usage(new Span(open, open), empty ? member : member + ",");
        }
    }

    private void readIncludeUsage(JsonParser parser, boolean again) throws InvalidRequestException {
        int from = start(parser);
        wantsUsage = readBoolean(STREAM_OPTIONS + "." + INCLUDE_USAGE, parser, again);
        if (!wantsUsage) {
            usage(new Span(from, behind(parser)), "true");
        }
    }

    private void usage(Span place, String json) {
        usagePlace = place;
        usageJson = json;
    }
}
