package dev.sluice.dialect.openai;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.Edits;
import dev.sluice.dialect.ErrorJson;
import dev.sluice.dialect.JsonRequest;
import dev.sluice.dialect.JsonTranslator;
import dev.sluice.relay.Translator;

/** The body of a {@code POST /v1/chat/completions}. */
public final class CompletionBody extends JsonRequest {
    private final CompletionFields fields;

    private CompletionBody(byte[] json, CompletionFields fields) {
        super(json, fields);
        this.fields = fields;
    }

    /**
     * Reads a body's top level. Of its fields only {@code model}, {@code stream} and {@code stream_options} are judged, and
     * must not be there twice.
     *
     * @param json holds the body from its start, and is kept: the caller no longer changes it
     * @param length the body's length in bytes
     * @throws InvalidRequestException a 400 that says what is wrong and where, and never quotes a value
     */
    public static CompletionBody read(byte[] json, int length) throws InvalidRequestException {
        return new CompletionBody(json, CompletionFields.read(json, length));
    }

    /** How many answers the client wants: {@code n}; 1 if it does not say so, or not in a way that can be read. */
    public int choices() {
        return fields.choices();
    }

    /** Whether the client wants the event of usage at the stream's end. */
    public boolean wantsUsage() {
        return fields.wantsUsage();
    }

    @Override
    public Translator translator(AnswerContext context) {
        return streams()
                ? new VerbatimTranslator(context, choices(), wantsUsage())
                : new JsonTranslator(context.words(), UsageObject::read, ErrorJson::text);
    }

    /** {@code stream_options.include_usage} becomes true. */
    @Override
    protected void edit(Edits edits, boolean askForUsage) {
        if (askForUsage) {
            fields.askForUsage(edits);
        }
    }

    @Override
    protected boolean isGiven(String name) {
        return fields.isGiven(name);
    }
}
