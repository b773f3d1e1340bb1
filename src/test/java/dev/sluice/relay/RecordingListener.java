package dev.sluice.relay;

import dev.sluice.chat.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records the calls of a stream's listener, in order. Checks that there is none after the end. For one stream and one
 * thread.
 */
public final class RecordingListener implements StreamListener {
    /** The calls, one line for each. */
    public final List<String> heard = new ArrayList<>();

    private final Map<Pause, Long> pausedNanos = new EnumMap<>(Pause.class);
    private int ends;
    private @Nullable StreamSummary summary;

    /** The number of ends. */
    public int ends() {
        return ends;
    }

    /** How the stream ended. */
    public StreamSummary summary() {
        if (summary == null) {
            throw new AssertionError("The stream has not ended: " + heard);
        }
        return summary;
    }

    /** The number of ends with this outcome. */
    public int ended(Outcome outcome) {
        return summary != null && summary.outcome() == outcome ? ends : 0;
    }

    double pausedSeconds(Pause holding) {
        return pausedNanos.getOrDefault(holding, 0L) / 1e9;
    }

    @Override
    public void asked(Asked asked) {
        hear("asked " + asked.model() + (asked.streamed() ? " streamed" : " whole"));
    }

    @Override
    public void attemptBegan(Attempt attempt) {
        hear("began " + words(attempt));
    }

    @Override
    public void attemptEnded(Attempt attempt, AttemptOutcome outcome, @Nullable Failure reason) {
        hear(outcome + " " + words(attempt) + (reason == null ? "" : " " + reason.code()));
    }

    @Override
    public void firstToken(Duration sinceOpening) {
        hear("first token after " + sinceOpening.toMillis() + " ms");
    }

    @Override
    public void paused(Pause holding, long nanos) {
        pausedNanos.merge(holding, nanos, Long::sum);
        hear("paused " + nanos / 1_000_000 + " ms holding " + holding);
    }

    @Override
    public void ended(StreamSummary told) {
        ends++;
        summary = told;
        heard.add("ended " + told.outcome());
    }

    private void hear(String event) {
        if (ends > 0) {
            throw new AssertionError("After the end: " + event);
        }
        heard.add(event);
    }

    private static String words(Attempt attempt) {
        return attempt.upstream() + "/" + attempt.model() + " " + attempt.number();
    }
}
