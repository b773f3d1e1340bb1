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
 * What became of one stream, told once when it has ended. Holds nothing of what was asked or answered.
 *
 * @param outcome how it ended
 * @param failure why, if there is a reason beyond the client's
 * @param lastAttempt who answered, or was last asked, and how often a provider was asked; null if none was
 * @param tokens the provider's events that were a piece of the answer
 * @param usage what the provider said it cost; null if it said nothing
 * @param firstToken from the stream's beginning to the first token; null if there was none
 * @param duration from the stream's beginning to its end
 * @param bytesIn of the provider's answer
 * @param bytesOut of the client's
 * @param paused how long the client took nothing while there was something to take
 */
public record StreamSummary(
        Outcome outcome,
        @Nullable Failure failure,
        @Nullable Attempt lastAttempt,
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
                    outcome, new StreamSummary(outcome, null, null, 0, null, null, Duration.ZERO, 0, 0, Duration.ZERO));
        }
    }

    /** Of a stream of which no more can be said than how it ended, without garbage: memory may be what failed. */
    static StreamSummary of(Outcome outcome) {
        return requireNonNull(BARE.get(outcome));
    }
}
