package dev.sluice.dialect;

import dev.sluice.chat.Failure;
import org.jspecify.annotations.Nullable;

/** An upstream's answer of another kind than the requested one. Immutable, if nobody changes its array. */
public final class ErrorAnswer {
    private final int status;
    private final @Nullable String contentType;
    private final @Nullable String retryAfterMillis;
    private final @Nullable String retryAfter;
    private final byte[] body;

    /**
     * @param status its HTTP status
     * @param contentType its {@code Content-Type}, if it has one
     * @param retryAfterMillis its {@code retry-after-ms}, if it has one
     * @param retryAfter its {@code Retry-After}, if it has one: seconds or an HTTP date
     * @param body its body or the beginning of it, in any format
     */
    public ErrorAnswer(
            int status,
            @Nullable String contentType,
            @Nullable String retryAfterMillis,
            @Nullable String retryAfter,
            byte[] body) {
        this.status = status;
        this.contentType = contentType;
        this.retryAfterMillis = retryAfterMillis;
        this.retryAfter = retryAfter;
        this.body = body;
    }

    public int status() {
        return status;
    }

    /** The caller must not change it. */
    public byte[] body() {
        return body;
    }

    /**
     * The status to go by. For a 200 with an error in its body it is the status of that error's code, else the answer's
     * own.
     */
    public int meantStatus() {
        return ErrorBody.meantStatus(status, body);
    }

    /** Whether its status or its body says that it is an error. */
    public boolean isError() {
        return status / 100 != 2 || ErrorBody.isError(body);
    }

    /** The failure, read from the body in any of the error formats of the known providers. */
    public Failure failure(ProviderWords words) {
        return ErrorBody.read(status, contentType, retryAfterMillis, retryAfter, body, words);
    }
}
