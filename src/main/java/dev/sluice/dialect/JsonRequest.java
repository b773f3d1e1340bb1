package dev.sluice.dialect;

import static java.util.Objects.requireNonNull;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.chat.LongestAnswer;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * A request that is one JSON object with a {@code model}, and with a {@code stream} that tells whether the answer is an
 * event stream. The requests of all dialects so far are such.
 */
public abstract class JsonRequest implements ApiRequest {
    private final byte[] json;
    private final RequestFields fields;

    /**
     * @param json the body
     * @param fields its fields
     */
    protected JsonRequest(byte[] json, RequestFields fields) {
        this.json = json;
        this.fields = fields;
    }

    // ---- The rules of a dialect.

    /** Adds the changes of the dialect. */
    protected void edit(Edits edits, boolean askForUsage, RequestDefaults defaults) {}

    /** Whether the client has written this field, or another one that has the same meaning. */
    protected boolean isGiven(String name) {
        return fields.names().contains(name);
    }

    /**
     * Whether requests of the dialect have a field of this name. If they do not, an operator's default for it is left out:
     * it is for other dialects of the same upstream.
     */
    protected boolean takes(String name) {
        return true;
    }

    // ---- The request.

    @Override
    public final @Nullable String model() {
        return fields.model();
    }

    /** By the field {@code stream}. A dialect without streams says false. */
    @Override
    public boolean streams() {
        return fields.streams();
    }

    @Override
    public @Nullable Long outputTokens() {
        return fields.output().tokens(fields.prompts());
    }

    @Override
    public final ApiRequest limitedTo(LongestAnswer longest, String chatField) throws InvalidRequestException {
        OutputFields output = fields.output();
        fields.requireClearPrompts();
        return output.areKnown() ? new LimitedRequest(this, output.limit(longest, chatField, fields.prompts())) : this;
    }

    @Override
    public final void refuseDuplicatesOf(RequestDefaults defaults) throws InvalidRequestException {
        for (String name : defaults.names()) {
            if (fields.duplicates().contains(name)) {
                throw RequestFields.duplicate(name);
            }
        }
    }

    @Override
    public final List<ByteBuffer> sentAs(@Nullable String model, boolean askForUsage, RequestDefaults defaults) {
        return sentAs(model, askForUsage, defaults, null);
    }

    /** @param limit the longest answer that it may get; null for any */
    final List<ByteBuffer> sentAs(
            @Nullable String model, boolean askForUsage, RequestDefaults defaults, @Nullable OutputLimit limit) {
        Edits edits = new Edits(fields);
        if (model != null && !Objects.equals(model, fields.model())) {
            Span value = fields.modelValue();
            if (value == null) {
                edits.add("\"model\":" + quoted(model));
            } else {
                edits.replace(value, quoted(model));
            }
        }
        edit(edits, askForUsage, defaults);
        boolean isLimited = limit == null || limit.isSaid();
        for (String name : defaults.names()) {
            if (takes(name) && !isGiven(name) && (limit == null || limit.permits(name, defaults))) {
                edits.add(defaults.member(name));
                isLimited |= limit != null && limit.names().longest().contains(name);
            }
        }
        if (!isLimited) {
            requireNonNull(limit).write(edits);
        }
        return edits.in(json);
    }

    /** Without the body, because that is a prompt. */
    @Override
    public final String toString() {
        return getClass().getSimpleName() + "["
                + (fields.body().to() - fields.body().from()) + " bytes]";
    }

    private static String quoted(String name) {
        StringWriter quoted = new StringWriter();
        try (JsonGenerator writer = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), quoted)) {
            writer.writeString(Json.wellFormed(name));
        }
        return quoted.toString();
    }
}
