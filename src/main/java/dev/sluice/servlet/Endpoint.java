package dev.sluice.servlet;

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
     * @param held the room that the body has; to be let go once it is held no longer
     * @throws InvalidRequestException if the client made a mistake, or there is no room to work
     */
    Opening read(HttpServletRequest request, byte[] body, int length, Held held) throws InvalidRequestException;

    /** What is held in memory for a request: at first its body. */
    interface Held {
        /**
         * Books so much beside the body while it is worked on, in the place of what was booked for that before.
         *
         * @throws InvalidRequestException if there is no room
         */
        void work(long more) throws InvalidRequestException;

        /**
         * The work is done, and so many bytes are held instead of the body.
         *
         * @throws InvalidRequestException if there is no room
         */
        void settle(long rest) throws InvalidRequestException;

        /** Nothing is held any longer. By any thread, any number of times. */
        void letGo();
    }

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
