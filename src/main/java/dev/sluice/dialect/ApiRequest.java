package dev.sluice.dialect;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.relay.Translator;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client's request in one dialect: read once, as far as the way to an upstream and back depends on it, and sent on as the
 * client wrote it, but for the few values that are ours to set. Immutable, as long as the array is that holds it.
 */
public interface ApiRequest {
    /** The model that the client asks for, never blank; null if it names none. */
    @Nullable
    String model();

    /** Whether the client wants the answer as a stream of events; else as one JSON object. */
    boolean streams();

    /**
     * Refuses a request in which a field is there twice for which the operator has a default: one reader would take its
     * first value, another its last.
     *
     * @throws InvalidRequestException a 400 that names the field
     */
    void refuseDuplicatesOf(RequestDefaults defaults) throws InvalidRequestException;

    /**
     * The body as an upstream gets it: the client's own bytes, but for what is said below, and for what the dialect sets.
     * May be called any number of times; the buffers are new each time, though they share the body's array, which nobody
     * may change.
     *
     * @param model the model's name as the upstream knows it; null leaves what the client wrote, even nothing
     * @param askForUsage whether a stream is to tell at its end what it cost
     * @param defaults fields that are put in where the client wrote none of that name
     */
    List<ByteBuffer> sentAs(@Nullable String model, boolean askForUsage, RequestDefaults defaults);

    /** What becomes of the answer, whose shape is the one that the request asks for. */
    Translator translator(AnswerContext context);
}
