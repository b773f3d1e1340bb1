package dev.sluice.dialect;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.relay.Head.Field;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one API dialect. The loop of a stream, retries, limits, timeouts and metrics are the same for all
 * dialects, and no other code depends on one of them. Immutable; any thread may call it.
 *
 * <p>The {@linkplain ApiRequest#translator translator} has the rules for one answer: how its events pass, which of them
 * are tokens, where the {@code usage} is, which event ends the answer, what an error within the stream looks like, and
 * whether comments may be sent as heartbeats.
 */
public interface Dialect {
    /** The name of its streams in logs. No other dialect has it. */
    String name();

    /**
     * The name in {@code sluice.upstream.dialects} of what an upstream has to speak for this dialect. Several dialects,
     * each with a path of its own, can belong to one such name.
     */
    default String family() {
        return name();
    }

    /** The path for POST below an upstream's base URL. It begins with a slash and does not end with one. */
    String path();

    /** The path for clients. */
    default String clientPath() {
        return "/v1" + path();
    }

    /** The headers that are passed on, in both directions. */
    default PassedHeaders headers() {
        return PassedHeaders.COMMON;
    }

    /** Headers for requests whose client has sent none of that name. They are among {@link #headers} too. */
    default List<Field> headersOtherwise() {
        return List.of();
    }

    /** The parameters of the request's query that are passed on. All others are removed. */
    default Set<String> parameters() {
        return Set.of();
    }

    /**
     * The headers by which a client is told of its limits, as clients of this dialect know them.
     *
     * @param fields by the names and in the format of OpenAI
     */
    default List<Field> limitHeaders(List<Field> fields) {
        return fields;
    }

    /** How models are listed for this dialect's clients; null for OpenAI's list. */
    default @Nullable ModelShape models() {
        return null;
    }

    /** The fields of a request that Sluice sets itself. An operator cannot set defaults for them. */
    default Set<String> ownFields() {
        return Set.of("model", "stream");
    }

    /**
     * Parses a client's request.
     *
     * @param body begins with the body and is kept, so the caller must not change it
     * @param length the body's length in bytes
     * @throws InvalidRequestException a 400 that names the fault and its place, and never quotes a value
     */
    ApiRequest read(byte[] body, int length) throws InvalidRequestException;

    /** The failure that an upstream reports with an answer of another kind than the requested one. */
    default Failure refused(ErrorAnswer answer, ProviderWords words) {
        return answer.failure(words);
    }

    /** A failure as JSON. It is the whole body of an error response, whether Sluice or an upstream has failed. */
    String error(Failure failure);
}
