package dev.sluice.dialect.responses;

import dev.sluice.chat.InvalidRequestException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Refuses the references of a request to what the provider keeps: items of earlier responses, files, vector stores,
 * containers and skills. Each method reads the parser's current value to its end. Stateless.
 */
final class State {
    /** The members of tools that are such references. */
    private static final Set<String> OF_TOOLS =
            Set.of("file_id", "file_ids", "vector_store_ids", "container_id", "skill_id");

    /** The members of tools that the client defines, with names of its own in them. */
    private static final Set<String> DEFINED_BY_CLIENTS = Set.of("parameters", "schema", "format", "headers");

    private State() {}

    /** The 400 for a field. {@code fault} says what is wrong with its value. */
    static InvalidRequestException refused(String field, String fault) {
        return InvalidRequestException.badField(
                "state_not_allowed",
                field,
                "\"" + field + "\" " + fault + ": whatever the provider keeps, all clients of this server could read,"
                        + " because they share its key. Its operator can permit it (sluice.responses.state=allow).");
    }

    /** The input: a text, or a list of items. */
    static void checkInput(JsonParser parser) throws InvalidRequestException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                checkItem(parser);
            } else {
                parser.skipChildren();
            }
        }
    }

    /** Which of several members of the same name counts depends on the provider, so each of them is looked at. */
    private static void checkItem(JsonParser parser) throws InvalidRequestException {
        Set<String> types = new HashSet<>(2);
        Member id = new Member();
        Member role = new Member();
        Member result = new Member();
        Member container = new Member();
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            boolean given = parser.nextToken() != JsonToken.VALUE_NULL;
            switch (folded(name)) {
                case "type" -> types.add(parser.currentToken() == JsonToken.VALUE_STRING ? parser.getString() : "");
                case "id" -> id.read(given);
                case "role" -> role.read(given);
                case "result" -> result.read(given);
                case "container_id" -> container.read(given);
                case "content", "output" -> checkParts("input", parser);
                default -> {}
            }
            parser.skipChildren();
        }
        // The type may be left out of a reference, and out of a message.
        boolean maybeUntyped = types.isEmpty() || types.contains("");
        refuse(maybeUntyped && id.maybe() && !role.surely(), "input", "item_reference");
        refuse(types.contains("item_reference"), "input", "item_reference");
        // The provider looks up by its id an image that the item has not.
        refuse(types.contains("image_generation_call") && !result.surely(), "input", "image_generation_call");
        // A call that has run tells where. Nothing of that container is read.
        boolean isPastCall = types.equals(Set.of("code_interpreter_call"));
        refuse(container.maybe() && !isPastCall, "input", "container_id");
    }

    /** Whether an object has a member of one name. Used by one thread while it parses. */
    private static final class Member {
        private boolean given; // with a value
        private boolean none; // with null

        void read(boolean isGiven) {
            given |= isGiven;
            none |= !isGiven;
        }

        boolean maybe() {
            return given;
        }

        boolean surely() {
            return given && !none;
        }
    }

    /** The name as a parser takes it that ignores the case of letters. */
    static String folded(String name) {
        return name.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }

    /** A text, a part, or a list of parts. */
    private static void checkParts(String field, JsonParser parser) throws InvalidRequestException {
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                checkPart(field, parser);
            }
        } else {
            checkPart(field, parser);
        }
    }

    private static void checkPart(String field, JsonParser parser) throws InvalidRequestException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                boolean given = parser.nextToken() != JsonToken.VALUE_NULL;
                refuse(given && folded(name).equals("file_id"), field, name);
                parser.skipChildren();
            }
        } else {
            parser.skipChildren();
        }
    }

    /** The tools. The recursion is bounded by the parser's limit of nesting. */
    static void checkTools(JsonParser parser) throws InvalidRequestException {
        switch (parser.currentToken()) {
            case START_ARRAY -> {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    checkTools(parser);
                }
            }
            case START_OBJECT -> {
                for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                    JsonToken value = parser.nextToken();
                    refuse(OF_TOOLS.contains(folded(name)) && isAny(parser), "tools", name);
                    refuse(folded(name).equals("container") && value == JsonToken.VALUE_STRING, "tools", name);
                    if (DEFINED_BY_CLIENTS.contains(name)) {
                        parser.skipChildren();
                    } else {
                        checkTools(parser);
                    }
                }
            }
            default -> {}
        }
    }

    /** Whether the value is neither null nor an empty list. Moves on to the first element of a list. */
    private static boolean isAny(JsonParser parser) {
        return parser.currentToken() == JsonToken.START_ARRAY
                ? parser.nextToken() != JsonToken.END_ARRAY
                : parser.currentToken() != JsonToken.VALUE_NULL;
    }

    private static void refuse(boolean refers, String field, String reference) throws InvalidRequestException {
        if (refers) {
            throw refused(field, "must not refer to what the provider keeps (" + reference + ")");
        }
    }
}
