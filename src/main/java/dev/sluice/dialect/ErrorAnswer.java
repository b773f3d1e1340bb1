package dev.sluice.dialect;

import dev.sluice.chat.Failure;
import org.jspecify.annotations.Nullable;

/** An upstream's answer that is not the one that was asked for. Immutable, as long as its array is. */
public final class ErrorAnswer {
    private final int status;
    private final @Nullable String contentType;
    private final @Nullable String retryAfterMillis;
    private final @Nullable String retryAfter;
    private final byte[] body;

    /**
     * @param status its HTTP status
     * @param contentType its {@code Content-Type}, if it sent one
     * @param retryAfterMillis its {@code retry-after-ms}, if it sent one
     * @param retryAfter its {@code Retry-After}, if it sent one: seconds or an HTTP date
     * @param body its body, or the beginning of it; of any shape
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

    /** Never to be altered. */
    public byte[] body() {
        return body;
    }

    /** The status that it means: its own, or, of a 200 that is an error, the one that its code stands for. */
    public int meantStatus() {
        return ErrorBody.meantStatus(status, body);
    }

    /** What it says in any of the shapes that providers of all dialects use. */
    public Failure failure(ProviderWords words) {
        return ErrorBody.read(status, contentType, retryAfterMillis, retryAfter, body, words);
    }
}
