package dev.sluice.dialect;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import java.util.Set;

/**
 * What an API dialect is: rules, not a pipeline. The loop of a stream, retries, limits, clocks and accounting are the same
 * for all dialects; nothing else knows one of them by its name. Immutable; for any thread.
 *
 * <p>What is said of one answer is the {@linkplain ApiRequest#translator translator's}: how its events pass, which of them
 * are tokens, what it cost, what ends it, how an error within it reads, and whether comments may be its heartbeats.
 */
public interface Dialect {
    /** What its streams are called in logs. */
    String name();

    /** What it is asked for by POST, below an upstream's base URL: with a slash at its beginning, and none at its end. */
    String path();

    /** Where clients ask for it. */
    default String clientPath() {
        return "/v1" + path();
    }

    /** The headers that pass, both ways. */
    default PassedHeaders headers() {
        return PassedHeaders.COMMON;
    }

    /** The fields of a request that Sluice sets itself, and for which an operator can have no default. */
    default Set<String> ownFields() {
        return Set.of("model", "stream");
    }

    /**
     * Reads a client's request.
     *
     * @param body holds the body from its start, and is kept: the caller no longer changes it
     * @param length the body's length in bytes
     * @throws InvalidRequestException a 400 that says what is wrong and where, and never quotes a value
     */
    ApiRequest read(byte[] body, int length) throws InvalidRequestException;

    /** Why there is no answer, as an upstream's answer says it that is not the one that was asked for. */
    default Failure refused(ErrorAnswer answer, ProviderWords words) {
        return answer.failure(words);
    }

    /** A failure as JSON: the body of an answer that is nothing else, whoever is at fault. */
    String error(Failure failure);
}
