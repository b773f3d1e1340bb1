package dev.sluice.relay;

import static java.util.Objects.requireNonNull;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.relay.StreamListener.Attempt;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The summary of one stream, made once at its end. It has nothing of the request's or the answer's text.
 *
 * @param outcome how it has ended
 * @param failure the reason; null if the outcome says it all
 * @param lastAttempt the last call to a provider, with the number of calls; null if there was none
 * @param mayHaveWorked whether a provider may have worked on the request: it was sent to one that has not refused it
 * @param head what was passed on of the head of the provider's answer
 * @param tokens the number of the provider's events that were a piece of the answer
 * @param usage the usage that the provider has reported; null if there was none
 * @param firstToken the time from the stream's beginning to the first token; null if there was none
 * @param duration the time from the stream's beginning to its end
 * @param bytesIn the size of the provider's answer
 * @param bytesOut the size of the answer to the client
 * @param paused how long the client did not read although there was output
 */
public record StreamSummary(
        Outcome outcome,
        @Nullable Failure failure,
        @Nullable Attempt lastAttempt,
        boolean mayHaveWorked,
        Head head,
        long tokens,
        @Nullable Usage usage,
        @Nullable Duration firstToken,
        Duration duration,
        long bytesIn,
        long bytesOut,
        Duration paused) {
    private static final Map<Outcome, StreamSummary> BARE = new EnumMap<>(Outcome.class);

    static {
        for (Outcome outcome : Outcome.values()) {
            BARE.put(
                    outcome,
                    new StreamSummary(
                            outcome, null, null, false, Head.NONE, 0, null, null, Duration.ZERO, 0, 0, Duration.ZERO));
        }
    }

    /**
     * The summary of a stream of which only the outcome is known. It allocates nothing, because the stream may have
     * failed for want of memory.
     */
    static StreamSummary of(Outcome outcome) {
        return requireNonNull(BARE.get(outcome));
    }
}
