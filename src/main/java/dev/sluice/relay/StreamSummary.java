package dev.sluice.relay;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What became of one stream, told once when it has ended. Holds nothing of what was asked or answered.
 *
 * @param outcome how it ended
 * @param failure why, if there is a reason beyond the client's
 * @param answering who answered, or was last asked; null if it did not come to that
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
        @Nullable Answering answering,
        long tokens,
        @Nullable Usage usage,
        @Nullable Duration firstToken,
        Duration duration,
        long bytesIn,
        long bytesOut,
        Duration paused) {
    /**
     * Who answers.
     *
     * @param upstream its name in the configuration
     * @param model what it is asked for, by its own name; null if the request names none
     * @param attempts how often a provider was asked, all told
     */
    public record Answering(String upstream, @Nullable String model, int attempts) {}
}
