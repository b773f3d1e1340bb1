package dev.sluice.dialect.openai;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.Json;
import dev.sluice.dialect.RequestDefaults;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * The body of a {@code POST /v1/chat/completions}: read once, as far as the way to an upstream depends on it, and sent
 * on as the client wrote it, but for the few values that are ours to set. Immutable, as long as the array is.
 */
public final class CompletionBody {
    /** Fields of which Sluice sets the values that it needs. */
    public static final Set<String> OURS = Set.of("model", "stream", "stream_options");

    static final String STREAM_OPTIONS = "stream_options";
    static final String INCLUDE_USAGE = "include_usage";

    private final byte[] json;
    private final CompletionFields fields;

    private CompletionBody(byte[] json, CompletionFields fields) {
        this.json = json;
        this.fields = fields;
    }

    /**
     * Reads a body's top level: one JSON object in UTF-8 (RFC 8259), with or without a byte order mark. Of its fields
     * only {@code model}, {@code stream} and {@code stream_options} are judged, and must not be there twice.
     *
     * @param json holds the body from its start, and is kept: the caller no longer changes it
     * @param length the body's length in bytes
     * @throws InvalidRequestException a 400 that says what is wrong and where, and never quotes a value
     */
    public static CompletionBody read(byte[] json, int length) throws InvalidRequestException {
        return new CompletionBody(json, CompletionFields.read(json, length));
    }

    /**
     * Refuses a body in which a field is there twice for which the operator has a default: one reader would take its
     * first value, another its last.
     *
     * @throws InvalidRequestException a 400 that names the field
     */
    public void refuseDuplicatesOf(RequestDefaults defaults) throws InvalidRequestException {
        for (String name : defaults.names()) {
            if (fields.duplicates().contains(name)) {
                throw CompletionFields.duplicate(name);
            }
        }
    }

    /** The model that the client asks for, never blank; null if it names none. */
    public @Nullable String model() {
        return fields.model();
    }

    /** Whether the client wants the answer as a stream. */
    public boolean streams() {
        return fields.streams();
    }

    /** How many answers the client wants: {@code n}; 1 if it does not say so, or not in a way that can be read. */
    public int choices() {
        return fields.choices();
    }

    /** Whether the client wants the event of usage at the stream's end. */
    public boolean wantsUsage() {
        return fields.wantsUsage();
    }

    /**
     * The body as an upstream gets it: the client's own bytes, but for what is said below. May be called any number of
     * times; the buffers are new each time, though they share the body's array, which nobody may change.
     *
     * @param model the model's name as the upstream knows it; null leaves what the client wrote, even nothing
     * @param askForUsage whether a stream's {@code stream_options.include_usage} becomes true
     * @param defaults fields that are put in where the client wrote none of that name
     */
    public List<ByteBuffer> sentAs(@Nullable String model, boolean askForUsage, RequestDefaults defaults) {
        List<String> added = new ArrayList<>();
        List<Splice> splices = new ArrayList<>();
        if (model != null && !Objects.equals(model, fields.model())) {
            Span value = fields.modelValue();
            if (value == null) {
                added.add("\"model\":" + quoted(model));
            } else {
                splices.add(new Splice(value, quoted(model)));
            }
        }
        if (askForUsage && fields.streams() && !fields.wantsUsage()) {
            Splice usage = fields.usage();
            if (usage == null) {
                added.add("\"" + STREAM_OPTIONS + "\":{\"" + INCLUDE_USAGE + "\":true}");
            } else {
                splices.add(usage);
            }
        }
        for (String name : defaults.names()) {
            if (!fields.names().contains(name) && !fields.names().contains(otherName(name))) {
                added.add(defaults.member(name));
            }
        }
        if (!added.isEmpty()) {
            String members = String.join(",", added) + (fields.names().isEmpty() ? "" : ",");
            splices.add(new Splice(new Span(fields.inside(), fields.inside()), members));
        }
        return spliced(splices);
    }

    /** The same bound by its older or newer name: some providers refuse a request with both. */
    private static String otherName(String name) {
        return switch (name) {
            case "max_tokens" -> "max_completion_tokens";
            case "max_completion_tokens" -> "max_tokens";
            default -> name;
        };
    }

    /** Never the body: it is a prompt. */
    @Override
    public String toString() {
        return "CompletionBody[" + (fields.body().to() - fields.body().from()) + " bytes]";
    }

    private List<ByteBuffer> spliced(List<Splice> splices) {
        splices.sort(Comparator.comparingInt(splice -> splice.place().from()));
        List<ByteBuffer> slices = new ArrayList<>();
        int at = fields.body().from();
        for (Splice splice : splices) {
            slices.add(slice(at, splice.place().from()));
            slices.add(ByteBuffer.wrap(splice.json().getBytes(UTF_8)));
            at = splice.place().to();
        }
        slices.add(slice(at, fields.body().to()));
        return slices;
    }

    private ByteBuffer slice(int from, int to) {
        return ByteBuffer.wrap(json, from, to - from).slice();
    }

    private static String quoted(String name) {
        StringWriter quoted = new StringWriter();
        try (JsonGenerator writer = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), quoted)) {
            writer.writeString(Json.wellFormed(name));
        }
        return quoted.toString();
    }

    /** Bytes of the body, from the first to behind the last. */
    record Span(int from, int to) {}

    /** What goes into the place of some bytes, which may be none. */
    record Splice(Span place, String json) {}
}
