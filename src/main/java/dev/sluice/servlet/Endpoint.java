package dev.sluice.servlet;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.relay.Head.Field;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Handles the requests of one path. The container's threads call all methods, which must not block. */
public interface Endpoint {
    /** The name of its streams in logs. */
    String name();

    /** The HTTP method of its requests. */
    default String method() {
        return "POST";
    }

    /** The headers by which clients of this path are told of their limits, for these of OpenAI. */
    default List<Field> limitHeaders(List<Field> fields) {
        return fields;
    }

    /** The failure for a request with an unsupported {@code Content-Type}; null if the type is supported. */
    @Nullable
    Failure refusal(@Nullable String contentType);

    /**
     * Who answers the request, and in which words.
     *
     * @param body its beginning is the request's body; nobody else changes it
     * @param length how much of it
     * @param allowed what the caller may ask for
     * @param held the room that the body has; to be let go once it is held no longer
     * @throws InvalidRequestException if the client made a mistake, or there is no room to work
     */
    Opening read(HttpServletRequest request, byte[] body, int length, Allowance allowed, Held held)
            throws InvalidRequestException;

    /** The memory that is reserved for a request: at first that of its body. */
    interface Held {
        /**
         * Reserves this many bytes beside the body for the work on it, instead of an earlier reservation for work.
         *
         * @throws InvalidRequestException if there is no room
         */
        void work(long more) throws InvalidRequestException;

        /**
         * Ends the work: this many bytes are held instead of the body.
         *
         * @throws InvalidRequestException if there is no room
         */
        void settle(long rest) throws InvalidRequestException;

        /** Releases all of it. Any thread may call it, repeatedly. */
        void letGo();
    }

    /**
     * A stream's beginning.
     *
     * @param model as the client called it, or as it was called for the client
     * @param streamed whether the client wants events
     * @param outputTokens the most tokens of the answer that are asked for; null if no number was said
     * @param bytes the length of what providers are sent, if it may be longer than the request's body; 0 if not
     */
    record Opening(
            Upstream upstream,
            Translator translator,
            @Nullable String model,
            boolean streamed,
            @Nullable Long outputTokens,
            int bytes) {
        /** Of a request whose body is sent on. */
        public Opening(
                Upstream upstream,
                Translator translator,
                @Nullable String model,
                boolean streamed,
                @Nullable Long outputTokens) {
            this(upstream, translator, model, streamed, outputTokens, 0);
        }
    }
}
