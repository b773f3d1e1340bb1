package dev.sluice.dialect.anthropic;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.ErrorAnswer;
import dev.sluice.dialect.ProviderWords;
import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Failures as Anthropic writes them: {@code {"type":"error","error":{"type","message"},"request_id"}}. Stateless. */
final class AnthropicError {
    /** Anthropic's own status for "try again later", which its clients know. */
    private static final int OVERLOADED = 529;

    private static final String OVERLOADED_TYPE = "overloaded_error";
    private static final JsonFactory JSON = new JsonFactory();

    private AnthropicError() {}

    /** The failure as text on one line, with the fields of the upstream's own error. */
    static String text(Failure failure) {
        // This writes characters instead of bytes: an unpaired surrogate in an upstream's text becomes '?' instead of
        // an exception.
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("type", "error");
            json.writeObjectPropertyStart("error");
            json.writeStringProperty("type", type(failure));
            json.writeStringProperty("message", failure.message());
            if (failure.details() != null) {
                json.writeRaw("," + failure.details());
            }
            json.writeEndObject();
            json.writeNullProperty("request_id");
            json.writeEndObject();
        }
        return text.toString();
    }

    /** The failure that an upstream's answer reports. */
    static Failure of(ErrorAnswer answer, ProviderWords words) {
        Failure failure = answer.failure(words);
        return answer.meantStatus() == OVERLOADED ? overloaded(failure) : failure;
    }

    /** The failure that an event of a stream reports. */
    static Failure ofEvent(Failure reported) {
        return reported.code().equals(OVERLOADED_TYPE) || reported.code().equals("upstream_" + OVERLOADED)
                ? overloaded(reported)
                : reported;
    }

    private static Failure overloaded(Failure failure) {
        return new Failure(
                OVERLOADED,
                OVERLOADED_TYPE,
                failure.code(),
                failure.message(),
                failure.param(),
                failure.retryAfter(),
                failure.details());
    }

    /** Anthropic's type for the failure's status. */
    private static String type(Failure failure) {
        return switch (failure.status()) {
            case 401 -> "authentication_error";
            case 402 -> "billing_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 503, OVERLOADED -> OVERLOADED_TYPE;
            case 504 -> "timeout_error";
            default -> failure.status() / 100 == 4 ? "invalid_request_error" : "api_error";
        };
    }
}
