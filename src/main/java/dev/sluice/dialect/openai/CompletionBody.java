package dev.sluice.dialect.openai;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.Edits;
import dev.sluice.dialect.ErrorJson;
import dev.sluice.dialect.JsonRequest;
import dev.sluice.dialect.JsonTranslator;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.relay.Translator;

/** The body of a {@code POST /v1/chat/completions} or {@code /v1/completions}. */
public final class CompletionBody extends JsonRequest {
    private final CompletionFields fields;

    private final ChunkForm form;

    private CompletionBody(byte[] json, CompletionFields fields, ChunkForm form) {
        super(json, fields);
        this.form = form;
        this.fields = fields;
    }

    /**
     * Parses the top level of a body of a chat completion. It validates only {@code model}, {@code stream} and {@code stream_options}, and
     * refuses them if they occur more than once.
     *
     * @param json begins with the body and is kept, so the caller must not change it
     * @param length the body's length in bytes
     * @throws InvalidRequestException a 400 that names the fault and its place, and never quotes a value
     */
    public static CompletionBody read(byte[] json, int length) throws InvalidRequestException {
        return read(json, length, ChunkForm.CHAT);
    }

    static CompletionBody read(byte[] json, int length, ChunkForm form) throws InvalidRequestException {
        return new CompletionBody(json, CompletionFields.read(json, length, form), form);
    }

    /**
     * The number of choices in the request: {@code n}, or 1 if that is missing or not a valid number. For the older
     * completions, that many for each prompt.
     */
    public int choices() {
        return fields.choices();
    }

    /** Whether the client has requested the event with the usage at the stream's end. */
    public boolean wantsUsage() {
        return fields.wantsUsage();
    }

    @Override
    public Translator translator(AnswerContext context) {
        return streams()
                ? new VerbatimTranslator(context, form, choices(), wantsUsage())
                : new JsonTranslator(context.words(), UsageObject::read, ErrorJson::text);
    }

    /** Sets {@code stream_options.include_usage} to true. */
    @Override
    protected void edit(Edits edits, boolean askForUsage, RequestDefaults defaults) {
        if (askForUsage) {
            fields.askForUsage(edits);
        }
    }

    @Override
    protected boolean takes(String name) {
        return switch (name) {
            case "max_output_tokens" -> false; // it is for responses
            case "store" -> form == ChunkForm.CHAT;
            default -> true;
        };
    }

    @Override
    protected boolean isGiven(String name) {
        return fields.isGiven(name);
    }
}
