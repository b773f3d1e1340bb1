package dev.sluice.dialect;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.chat.LongestAnswer;
import dev.sluice.relay.Translator;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client's request in one dialect. Only the fields that affect routing and the answer are parsed. The body is passed
 * on as the client has written it, except for the few values that Sluice sets. Immutable, if nobody changes the array
 * of the body.
 */
public interface ApiRequest {
    /** The model that the client asks for, never blank; null if it names none. */
    @Nullable
    String model();

    /** Whether the client wants the answer as a stream of events; else as one JSON object. */
    boolean streams();

    /**
     * The most tokens that the client asks for, those of all answers to the request together; null if it does not say, or not
     * with valid numbers.
     */
    @Nullable
    Long outputTokens();

    /**
     * The same request with a longest answer. {@link #sentAs} writes it into a request that names none, and leaves out the
     * operator's defaults that would allow a longer one. A request whose answers have no such length stays as it is.
     *
     * @param chatField the field to write in chat completions, which have two with the same meaning
     * @throws InvalidRequestException a 400 that names the field, if the client asks for more, or if upstreams could
     *     understand its fields in different ways
     */
    ApiRequest limitedTo(LongestAnswer longest, String chatField) throws InvalidRequestException;

    /**
     * Refuses a request that repeats a field for which the operator has a default. One parser would take the first
     * value, another the last.
     *
     * @throws InvalidRequestException a 400 that names the field
     */
    void refuseDuplicatesOf(RequestDefaults defaults) throws InvalidRequestException;

    /**
     * The body for an upstream: the client's own bytes, with the changes below and those of the dialect. It may be
     * called any number of times. Each call returns new buffers. They share the array of the body, which nobody may
     * change.
     *
     * @param model the upstream's name of the model; null to leave what the client has written, even if that is nothing
     * @param askForUsage whether a stream shall report the {@code usage} at its end
     * @param defaults fields to add where the client has written none of that name
     */
    List<ByteBuffer> sentAs(@Nullable String model, boolean askForUsage, RequestDefaults defaults);

    /** A translator for the answer in the form that the request asks for. */
    Translator translator(AnswerContext context);
}
