package dev.sluice.dialect;

import dev.sluice.chat.Failure;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns an upstream's answer that is no event stream into the failure that our client hears.
 *
 * <table>
 *   <caption>Which status our client gets</caption>
 *   <tr><th>upstream</th><th>client</th></tr>
 *   <tr><td>400, 402, 404, 413, 422, 429</td><td>the same, with the provider's words</td></tr>
 *   <tr><td>401, 403, and whatever complains about our key</td><td>502 in our own words: providers echo keys</td></tr>
 *   <tr><td>200 that is an error</td><td>as if the status were the one that its code stands for</td></tr>
 *   <tr><td>200 that is something else</td><td>502, naming the content type</td></tr>
 *   <tr><td>any other</td><td>502, with the upstream's status and words</td></tr>
 * </table>
 */
public final class ErrorBody {
    /** The code of a failure that only says that the answer is no event stream. */
    public static final String NO_EVENT_STREAM = "upstream_no_event_stream";

    private static final String NO_JSON = "upstream_no_json";

    /** The code of a failure in which the provider has refused our API key. */
    public static final String KEY_REFUSED = "upstream_key_refused";

    private static final String STRAY = "error:";

    private ErrorBody() {}

    /**
     * Parses a whole answer.
     *
     * @param status the upstream's HTTP status
     * @param contentType its {@code Content-Type}, if it has one
     * @param retryAfterMillis its {@code retry-after-ms}, if it has one
     * @param retryAfter its {@code Retry-After}, if it has one: seconds or an HTTP date
     * @param body its body or the beginning of it, in any format
     * @param words removes keys from the failure
     */
    public static Failure read(
            int status,
            @Nullable String contentType,
            @Nullable String retryAfterMillis,
            @Nullable String retryAfter,
            byte[] body,
            ProviderWords words) {
        return read(status, contentType, RetryAfter.of(retryAfterMillis, retryAfter, Instant.now()), body, words);
    }

    /**
     * The status to go by. For a 200 with an error in its body it is the status of that error's code, else {@code
     * status}.
     */
    public static int meantStatus(int status, byte[] body) {
        return status / 100 == 2 ? meantStatus(status, ProviderError.inBody(body)) : status;
    }

    /** Whether this body says that it is an error. */
    static boolean isError(byte[] body) {
        return isError(ProviderError.inBody(body));
    }

    private static boolean isError(ProviderError error) {
        return error.isReported() || error.isComplaint();
    }

    private static int meantStatus(int status, ProviderError error) {
        return status / 100 == 2 && isError(error) && error.status() != 0 ? error.status() : status;
    }

    /** The error in the body of a JSON answer with status 200; null if the body is no error. */
    public static @Nullable Failure inAnswer(byte[] body, ProviderWords words) {
        ProviderError error = ProviderError.inBody(body);
        return isError(error) ? read(200, null, (Duration) null, body, words) : null;
    }

    private static Failure read(
            int status, @Nullable String contentType, @Nullable Duration wait, byte[] body, ProviderWords words) {
        ProviderError error = ProviderError.inBody(body);
        int meant = meantStatus(status, error);
        if (isAboutKey(meant) || error.complainsAboutKey()) {
            return keyRefused("status " + meant);
        }
        boolean ok = status / 100 == 2;
        String said = said(error, words);
        if (said.isEmpty() && ok && !error.isReported()) {
            return noStream(contentType, words);
        }
        if (said.isEmpty() && !ok) {
            said = words.quote(plainText(body));
        }
        String message = "The upstream answered " + status + (ok ? ", but with an error" : "")
                + (said.isEmpty() ? " without a readable reason." : ": " + said);
        return failure(meant, error, message, wait, words);
    }

    /** The failure of an answer with the content type of JSON whose body is not JSON. */
    public static Failure noJson() {
        return Failure.upstream(
                NO_JSON,
                "The upstream answered 200 with application/json, but with no JSON in it. Its operator should check its url"
                        + " setting.");
    }

    /** The failure of a stream that has begun with status 200 and then reports an error. */
    public static Failure inStream(ProviderError error, ProviderWords words) {
        int meant = meantStatus(200, error);
        if (isAboutKey(meant) || error.complainsAboutKey()) {
            return keyRefused("in the stream");
        }
        String said = said(error, words);
        return failure(
                meant,
                error,
                said.isEmpty()
                        ? "The upstream reported an error without a readable reason."
                        : "The upstream reported an error: " + said,
                null,
                words);
    }

    /** The failure that an event reports, in whatever format; for example an event whose type is {@code error}. */
    public static Failure inEvent(byte[] data, int offset, int length, ProviderWords words) {
        return inStream(ProviderError.inEvent(Arrays.copyOfRange(data, offset, offset + length)), words);
    }

    /**
     * Parses lines between events that belong to no event: {@code error: …}, or JSON without {@code data:}.
     *
     * @return the failure that they report; null if they report none
     */
    public static @Nullable Failure inStrayLines(String lines, ProviderWords words) {
        String bare = lines.startsWith(STRAY) ? lines.substring(STRAY.length()) : lines;
        ProviderError stray = ProviderError.inEvent(bare.strip().getBytes(StandardCharsets.UTF_8));
        boolean named = bare.length() < lines.length() && stray.message() != null;
        return named || stray.isReported() || stray.isComplaint() ? inStream(stray, words) : null;
    }

    private static boolean isAboutKey(int status) {
        return status == 401 || status == 403;
    }

    /** The provider's message, and that of the provider behind it if there is one. */
    private static String said(ProviderError error, ProviderWords words) {
        String raw = error.details().raw();
        String message = error.message();
        if (raw == null) {
            return words.quote(message);
        }
        return words.quote(message == null ? raw : message + ": " + raw);
    }

    private static Failure failure(
            int meant, ProviderError error, String message, @Nullable Duration wait, ProviderWords words) {
        String code = code(error, words, meant / 100 == 2 ? "upstream_error" : "upstream_" + meant);
        String details = error.details().fit(words);
        return switch (meant) {
            case 400, 404, 413, 422 ->
                new Failure(meant, "invalid_request_error", code, message, words.name(error.param()), null, details);
            case 402 -> new Failure(meant, "billing_error", code, message, null, null, details);
            case 429 -> new Failure(meant, "rate_limit_error", code, message, null, wait, details);
            default -> new Failure(502, "upstream_error", code, message, null, wait, details);
        };
    }

    private static Failure keyRefused(String where) {
        return Failure.upstream(
                KEY_REFUSED,
                "The upstream refused this server's API key or what it may do (" + where
                        + "). Its operator should check XAI_API_KEY or its key setting (sluice.upstream.key).");
    }

    private static Failure noStream(@Nullable String contentType, ProviderWords words) {
        String named = words.quote(contentType);
        return Failure.upstream(
                NO_EVENT_STREAM,
                "The upstream answered 200 with " + (named.isEmpty() ? "no content type" : named)
                        + " instead of the answer that was asked for. Its operator should check its url setting.");
    }

    /**
     * The provider's code if it is a word for programs. That of xAI is a sentence, and that of llama.cpp repeats the
     * status.
     */
    private static String code(ProviderError error, ProviderWords words, String otherwise) {
        String code = words.name(error.code());
        if (code != null) {
            return code;
        }
        String type = words.name(error.type());
        if (type != null && ErrorStatus.isSpecific(type)) {
            return type;
        }
        return error.speaksOfTimeout() ? "upstream_timeout" : otherwise;
    }

    /** A body that is a plain message or JSON of an unknown format; null for HTML and binary data. */
    private static @Nullable String plainText(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        boolean readable = !text.stripLeading().startsWith("<")
                && text.chars().noneMatch(c -> c == '\uFFFD' || (c < ' ' && c != '\n' && c != '\r' && c != '\t'));
        return readable ? text : null;
    }
}
