package dev.sluice.dialect.responses;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.Edits;
import dev.sluice.dialect.ErrorJson;
import dev.sluice.dialect.JsonRequest;
import dev.sluice.dialect.JsonTranslator;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.relay.Translator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The body of a {@code POST /v1/responses}. */
final class ResponseRequest extends JsonRequest {
    /** The fields that chat completions have and responses have not. OpenAI refuses a response with one of them. */
    private static final Set<String> OF_COMPLETIONS = Set.of(
            "audio",
            "frequency_penalty",
            "function_call",
            "functions",
            "logit_bias",
            "logprobs",
            "max_completion_tokens",
            "max_tokens",
            "modalities",
            "n",
            "prediction",
            "presence_penalty",
            "reasoning_effort",
            "response_format",
            "seed",
            "stop",
            "verbosity",
            "web_search_options");

    private final ResponseFields fields;

    ResponseRequest(byte[] json, ResponseFields fields) {
        super(json, fields);
        this.fields = fields;
    }

    @Override
    public Translator translator(AnswerContext context) {
        return streams()
                ? new PassedResponse(context)
                : new JsonTranslator(
                        context.words(), ResponseUsage::read, ErrorJson::text, ResponseRequest::failureOfStatus);
    }

    @Override
    protected void edit(Edits edits, boolean askForUsage, RequestDefaults defaults) {
        fields.forbidStoring(edits);
    }

    @Override
    protected boolean takes(String name) {
        return !OF_COMPLETIONS.contains(name) && (fields.allowsState() || !name.equals(ResponseFields.STORE));
    }

    /** The client gets the response as it is, with its error. */
    private static @Nullable Failure failureOfStatus(String status) {
        return switch (status) {
            case "failed" -> Failure.upstream("response_failed", "The upstream answered a response that has failed.");
            case "cancelled" -> Failure.upstream("response_cancelled", "The upstream cancelled the response.");
            default -> null;
        };
    }
}
