package dev.sluice.dialect;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.chat.LongestAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The fields of a request that say how long its answer may be. Used by one thread while it parses, and not changed after
 * that.
 */
public final class OutputFields {
    private final Names names;
    private final List<String> known;
    private final List<Field> fields = new ArrayList<>();

    /**
     * The names of such fields in one dialect.
     *
     * @param longest the fields for the longest answer in tokens, which have the same meaning
     * @param alsoLongest further fields for it that only some providers know. Those prefer them; the others ignore them
     * @param answers the fields for the number of answers to the request, each of which may be as long
     */
    public record Names(List<String> longest, List<String> alsoLongest, List<String> answers) {
        /** Of a dialect whose requests do not say it. */
        public static final Names NONE = new Names(List.of(), List.of(), List.of());

        public Names {
            longest = List.copyOf(longest);
            alsoLongest = List.copyOf(alsoLongest);
            answers = List.copyOf(answers);
        }

        List<String> all() {
            return Stream.of(longest, alsoLongest, answers)
                    .flatMap(List::stream)
                    .toList();
        }
    }

    /** The values that a body has for one name. */
    private static final class Field {
        private final String name;
        private int values;

        /** Whether it is written in another case: some parsers accept that. */
        private boolean inOtherCase;

        /** Whether a value is neither null nor a whole number of 1 or more. */
        private boolean illFormed;

        /** The largest well-formed value; 0 if there is none. */
        private long largest;

        /** The place of a value that is null; null if there is none. */
        private @Nullable Span none;

        Field(String name) {
            this.name = name;
        }
    }

    OutputFields(Names names) {
        this.names = names;
        this.known = names.all();
    }

    /** Takes note of a member of the body. The parser is at its value, and stays there. */
    void read(String name, JsonParser parser, RequestFields body) {
        String known = known(name);
        if (known == null) {
            return;
        }
        Field field = field(known);
        if (field == null) {
            field = new Field(known);
            fields.add(field);
        }
        field.values++;
        field.inOtherCase |= !name.equals(known);
        JsonToken token = parser.currentToken();
        long number = number(parser);
        if (number >= 1) {
            field.largest = Math.max(field.largest, number);
        } else if (token == JsonToken.VALUE_NULL) {
            field.none = new Span(body.start(parser), body.behind(parser));
        } else {
            field.illFormed = true;
        }
    }

    /** The most tokens of all answers to all prompts together; null if the body does not say it. */
    @Nullable
    Long tokens(int prompts) {
        long longest = largest(names.longest());
        long answers = Math.max(1, Math.min(Integer.MAX_VALUE, largest(names.answers()))) * prompts;
        if (longest == 0) {
            return null;
        }
        return longest > Long.MAX_VALUE / answers ? Long.MAX_VALUE : longest * answers;
    }

    /**
     * The limit that the request must have for a plan.
     *
     * @param preferred the field to write, if the dialect has several
     * @throws InvalidRequestException a 400 that names the field, if the body asks for more, or if providers could take
     *     different values from it
     */
    OutputLimit limit(LongestAnswer longest, String preferred, int prompts) throws InvalidRequestException {
        if (prompts > longest.tokens()) {
            throw InvalidRequestException.badField(
                    "invalid_value",
                    "prompt",
                    "\"prompt\" must not have more than %d entries, which is the longest answer of plan \"%s\" in tokens."
                            .formatted(longest.tokens(), longest.plan()));
        }
        long answers = prompts;
        for (String name : names.answers()) {
            answers = Math.max(answers, prompts * largest(name, longest.tokens() / prompts, longest, prompts));
        }
        long each = longest.tokens() / answers;
        boolean isSaid = false;
        for (String name : names.longest()) {
            isSaid |= largest(name, each, longest, answers) > 0;
        }
        for (String name : names.alsoLongest()) {
            largest(name, each, longest, answers);
        }
        String written = names.longest().contains(preferred)
                ? preferred
                : names.longest().get(0);
        Field field = field(written);
        return new OutputLimit(names, each, isSaid, written, field == null ? null : field.none);
    }

    /** Whether the dialect has such fields. */
    boolean areKnown() {
        return !names.longest().isEmpty();
    }

    /** The value of a field; 0 if it has none. */
    private long largest(String name, long most, LongestAnswer longest, long answers) throws InvalidRequestException {
        Field field = field(name);
        if (field == null) {
            return 0;
        }
        if (field.inOtherCase) {
            throw RequestFields.invalid(name, "written in lower case");
        }
        if (field.values > 1) {
            throw RequestFields.duplicate(name);
        }
        if (field.illFormed || field.largest > most) {
            throw longest.refusal(name, most, answers == 1 ? "" : ", and the request asks for " + answers + " answers");
        }
        return field.largest;
    }

    private long largest(List<String> ofThese) {
        long largest = 0;
        for (Field field : fields) {
            if (ofThese.contains(field.name)) {
                largest = Math.max(largest, field.largest);
            }
        }
        return largest;
    }

    private @Nullable Field field(String name) {
        for (Field field : fields) {
            if (field.name.equals(name)) {
                return field;
            }
        }
        return null;
    }

    /** The name that a parser which ignores case takes it for; null if it is none of these. */
    private @Nullable String known(String name) {
        for (String one : known) {
            if (one.equalsIgnoreCase(name)) {
                return one;
            }
        }
        return null;
    }

    /** The value of a whole number; 0 if it is none. A number that is too large for a long counts as the largest. */
    static long number(JsonParser parser) {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            return 0;
        }
        return switch (parser.getNumberType()) {
            case INT, LONG -> parser.getLongValue();
            default -> Long.MAX_VALUE;
        };
    }
}
