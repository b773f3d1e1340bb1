package dev.sluice.web;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/** What one path makes of its requests. All methods are called by the container's threads, and must not block. */
public interface Endpoint {
    /** What its streams are called in logs. */
    String name();

    /** The method that it answers. */
    default String method() {
        return "POST";
    }

    /** Why a request with this {@code Content-Type} is not worth reading; null if it is. */
    @Nullable
    Failure refusal(@Nullable String contentType);

    /**
     * Who answers the request, and in which words.
     *
     * @param body its beginning is the request's body; nobody else changes it
     * @param length how much of it
     * @param letGo to be run once the body is held no longer; by any thread, any number of times
     * @throws InvalidRequestException if the client made a mistake
     */
    Opening read(HttpServletRequest request, byte[] body, int length, Runnable letGo) throws InvalidRequestException;

    /**
     * A stream's beginning.
     *
     * @param model as the client called it, or as it was called for the client
     * @param streamed whether the client wants events
     */
    record Opening(
            Upstream upstream,
            Translator translator,
            @Nullable String model,
            boolean streamed) {}
}
