package dev.sluice.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;

/** The operator's default values for fields of requests, such as {@code {"temperature": 0.2}}. Immutable. */
public final class RequestDefaults {
    /** Without any field. */
    public static final RequestDefaults NONE = new RequestDefaults(Map.of());

    /** By their names, in the operator's order. */
    private final Map<String, Member> members;

    /**
     * One member as the operator has written it.
     *
     * @param json its name, a colon and its value
     * @param value the JSON of its value
     * @param number the value; 0 if it is no whole number
     */
    private record Member(String json, String value, long number) {}

    private RequestDefaults(Map<String, Member> members) {
        this.members = members;
    }

    /**
     * Parses an operator's JSON object.
     *
     * @param ours fields that Sluice sets itself, which cannot have a default
     * @throws IllegalArgumentException with the reason in words for the operator
     */
    public static RequestDefaults parse(String json, Set<String> ours) {
        byte[] bytes = Json.wellFormed(json).getBytes(UTF_8);
        Map<String, Member> members = new LinkedHashMap<>();
        try (JsonParser parser = Json.parser(bytes, 0, bytes.length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("It must be a JSON object such as {\"temperature\": 0.2}.");
            }
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                Member member = readMember(parser, bytes);
                if (ours.contains(name)) {
                    throw new IllegalArgumentException("\"" + name + "\" cannot have a default: Sluice sets it.");
                }
                if (members.put(name, member) != null) {
                    throw new IllegalArgumentException("\"" + name + "\" is there more than once.");
                }
            }
            if (parser.nextToken() != null) {
                throw malformed(parser.currentTokenLocation());
            }
        } catch (JacksonException e) {
            throw malformed(e.getLocation());
        }
        return members.isEmpty() ? NONE : new RequestDefaults(members);
    }

    /** The names of the fields in the operator's order. */
    public Set<String> names() {
        return members.keySet();
    }

    /** The name, a colon and the value, as JSON. */
    public String member(String name) {
        return known(name).json();
    }

    /** The value of a field, as JSON. */
    public String value(String name) {
        return known(name).value();
    }

    /** The value of a field, if it is a whole number; else 0. */
    long number(String name) {
        Member member = members.get(name);
        return member == null ? 0 : member.number();
    }

    private Member known(String name) {
        Member member = members.get(name);
        if (member == null) {
            throw new IllegalArgumentException(name);
        }
        return member;
    }

    @Override
    public String toString() {
        return "RequestDefaults" + members.keySet();
    }

    /** Reads one member. The parser is at the member's name before, and at the end of its value after. */
    private static Member readMember(JsonParser parser, byte[] bytes) {
        int from = (int) parser.currentTokenLocation().getByteOffset();
        parser.nextToken();
        int value = (int) parser.currentTokenLocation().getByteOffset();
        long number = OutputFields.number(parser);
        parser.skipChildren();
        parser.finishToken();
        int to = (int) parser.currentLocation().getByteOffset();
        return new Member(
                new String(bytes, from, to - from, UTF_8), new String(bytes, value, to - value, UTF_8), number);
    }

    private static IllegalArgumentException malformed(@Nullable TokenStreamLocation where) {
        return new IllegalArgumentException(
                where == null
                        ? "It is not valid JSON."
                        : "It is not valid JSON: see line " + where.getLineNr() + ", column " + where.getColumnNr()
                                + ".");
    }
}
