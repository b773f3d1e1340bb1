package dev.sluice.relay;

import static java.util.Objects.requireNonNull;

import dev.sluice.chat.Failure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When the events of one stream happened, and the deadlines that follow from that. Time in which the client takes no output
 * does not count towards the deadlines of the upstream. Guarded by the stream's baton.
 */
final class StreamClocks {
    /** Instead of a time: the event has not happened, or there is no deadline. */
    static final long NEVER = Long.MIN_VALUE;

    /**
     * The time between the error event and the end of the connection, in which the client can read the event. Chromium reads
     * it only when the page's thread is free: 100 ms were too short for a page that was busy for 250 ms at a time.
     */
    private static final Duration TIME_TO_READ = Duration.ofMillis(250);

    /** The time limit for the usage and the last event, after every choice of the answer has ended. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    /**
     * The time limit for the decision whether a request may be passed on. Every admission has a shorter limit of its own, so
     * this one is reached only by a fault.
     */
    private static final Duration ADMISSION = Duration.ofSeconds(5);

    private final Limits limits;
    private final long bornAt;
    private long now; // the time at which the current run of the loop looked at the facts
    private long stageAt; // when the stage began; in WAITING, later by the time in which the client took no output
    private @Nullable UpstreamTimeouts timeouts; // from CONNECTING on
    private boolean takesComments; // whether heartbeats may be written into the answer
    private long firstTokenAt = NEVER;
    private long lastTokenAt = NEVER;
    private long finishedAt = NEVER; // the upstream's latest event, if every choice of the answer has ended
    private long silentSince = NEVER; // since when the upstream sends nothing, although more was demanded
    private long blockedSince = NEVER; // since when the client takes no output
    private long writtenAt = NEVER; // the latest write to the client
    private long paused; // nanoseconds in which the client took no output

    StreamClocks(Limits limits, long now) {
        this.limits = limits;
        this.bornAt = now;
        this.now = now;
        this.stageAt = now;
    }

    // ---- Events.

    /** The loop looks at the facts, at this time. */
    void tick(long nanoTime) {
        now = nanoTime;
    }

    /** The stage changed. */
    void entered(Stage stage) {
        stageAt = now;
        if (stage == Stage.STREAMING) {
            firstTokenAt = now;
        }
    }

    void passedOn(UpstreamTimeouts timeouts, boolean takesComments) {
        this.timeouts = timeouts;
        this.takesComments = takesComments;
        writtenAt = now; // the first heartbeat is due an interval from here
    }

    void token() {
        lastTokenAt = now;
    }

    /**
     * The upstream has sent a token or a sign of life.
     *
     * @param finished whether every choice of the answer has ended
     */
    void finished(boolean finished) {
        finishedAt = finished ? now : NEVER;
    }

    void wrote() {
        writtenAt = now;
    }

    void upstreamSpoke() {
        silentSince = NEVER;
    }

    void upstreamIsAsked() {
        silentSince = silentSince == NEVER ? now : silentSince;
    }

    void clientBlocks() {
        blockedSince = blockedSince == NEVER ? now : blockedSince;
    }

    /** The client can take output. @return the nanoseconds for which it could not before; 0 if it could */
    long clientTakes(Stage stage) {
        if (blockedSince == NEVER) {
            return 0;
        }
        long blocked = now - blockedSince;
        blockedSince = NEVER;
        paused += blocked;
        stageAt = stage == Stage.WAITING ? stageAt + blocked : stageAt;
        silentSince = later(silentSince, blocked);
        lastTokenAt = later(lastTokenAt, blocked);
        finishedAt = later(finishedAt, blocked);
        return blocked;
    }

    // ---- Deadlines.

    long now() {
        return now;
    }

    boolean isDue(long deadline) {
        return deadline != NEVER && now - deadline >= 0;
    }

    /** The deadline for a client that takes no output. */
    long stall() {
        return after(blockedSince, limits.stall());
    }

    /** When a heartbeat is due: an interval after the latest write. */
    long heartbeat() {
        return takesComments ? after(writtenAt, limits.heartbeat()) : NEVER;
    }

    /** When the connection is broken off, after the client was sent the error event. */
    long breakOff() {
        return after(stageAt, TIME_TO_READ);
    }

    /** The deadline for the end of the request's body. */
    long requestDeadline() {
        return after(bornAt, limits.body());
    }

    /** The deadline for the event that ends this stage, or the wait within it. Only for stages before {@link Stage#CLOSING}. */
    long deadline(Stage stage) {
        if (stage == Stage.RECEIVING) {
            return requestDeadline();
        }
        if (stage == Stage.ADMITTING) {
            return after(stageAt, ADMISSION);
        }
        UpstreamTimeouts with = requireNonNull(timeouts);
        if (stage == Stage.CONNECTING) {
            return after(stageAt, with.connect());
        }
        if (finishedAt == NEVER && stage == Stage.WAITING) {
            return after(stageAt, with.firstToken());
        }
        return earlier(earlier(after(finishedAt, GRACE), after(silentSince, with.idle())), nextToken(with));
    }

    /**
     * The deadline for the next token, because an upstream may send comments for ever. An answer that takes no heartbeats is
     * one JSON document: it has no tokens, and no such deadline.
     */
    private long nextToken(UpstreamTimeouts with) {
        return takesComments ? after(lastTokenAt, with.token()) : NEVER;
    }

    /** The failure of a stream whose {@link #deadline} has passed; null if its answer is whole, and only its end was missing. */
    @Nullable
    Failure timeout(Stage stage) {
        if (finishedAt != NEVER) {
            return null;
        }
        if (stage == Stage.RECEIVING) {
            return Failure.timeout(
                    408, "request_timeout", "The request's body was not whole after " + words(limits.body()) + ".");
        }
        if (stage == Stage.ADMITTING) {
            return Failure.unavailable(
                    "overloaded",
                    "admission_timeout",
                    "The server could not decide within " + words(ADMISSION)
                            + " whether this request may be passed on: ask again.",
                    Duration.ofSeconds(1));
        }
        UpstreamTimeouts with = requireNonNull(timeouts);
        if (stage == Stage.CONNECTING) {
            return Failure.timeout(504, "connect_timeout", "The upstream took no request in time.");
        }
        if (stage == Stage.WAITING) {
            return Failure.timeout(
                    504,
                    "first_token_timeout",
                    "The upstream gave no first token within " + words(with.firstToken()) + ".");
        }
        return isDue(after(silentSince, with.idle()))
                ? Failure.timeout(504, "idle_timeout", "The upstream fell silent for " + words(with.idle()) + ".")
                : Failure.timeout(
                        504,
                        "token_timeout",
                        "The upstream showed signs of life, but gave no token for " + words(with.token()) + ".");
    }

    // ---- Durations.

    @Nullable
    Duration firstToken() {
        return firstTokenAt == NEVER ? null : Duration.ofNanos(firstTokenAt - bornAt);
    }

    Duration duration() {
        return Duration.ofNanos(now - bornAt);
    }

    Duration paused() {
        return Duration.ofNanos(blockedSince == NEVER ? paused : paused + (now - blockedSince));
    }

    static long earlier(long one, long other) {
        return one == NEVER || (other != NEVER && other - one < 0) ? other : one;
    }

    private static long later(long point, long nanos) {
        return point == NEVER ? NEVER : point + nanos;
    }

    private static long after(long start, Duration time) {
        return start == NEVER ? NEVER : start + time.toNanos();
    }

    private static String words(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }
}
