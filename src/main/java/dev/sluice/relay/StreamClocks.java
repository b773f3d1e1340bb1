package dev.sluice.relay;

import static java.util.Objects.requireNonNull;

import dev.sluice.chat.Failure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The points in time of one stream, and what is due by them. The upstream's clocks stand still while the client takes
 * nothing. Guarded by the stream's baton.
 */
final class StreamClocks {
    /** A point in time that has not come, or does not count any more. */
    static final long NEVER = Long.MIN_VALUE;

    /**
     * For a client to read that the answer broke off, before its connection does too. Chromium needs as long as the page's
     * thread is busy with something else: 100 ms did not do for a page that was busy for 250 ms at a time.
     */
    private static final Duration TIME_TO_READ = Duration.ofMillis(250);

    /** For the usage and the last word to follow the end of every choice. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** To decide whether a request may be passed on. What decides has shorter limits of its own: this one is for faults. */
    private static final Duration ADMISSION = Duration.ofSeconds(5);

    private final Limits limits;
    private final long bornAt;
    private long now;
    private long stageAt; // when the stage began; in WAITING moved on by the time in which the client takes nothing
    private @Nullable UpstreamTimeouts timeouts; // from CONNECTING on
    private boolean takesComments; // the answer: heartbeats may be written into it
    private long firstTokenAt = NEVER;
    private long lastTokenAt = NEVER;
    private long finishedAt = NEVER; // when every choice of the answer had ended
    private long silentSince = NEVER; // the upstream, though it was asked for more
    private long blockedSince = NEVER; // when the client took nothing for the first time since it took something
    private long writtenAt = NEVER;
    private long paused;

    StreamClocks(Limits limits, long now) {
        this.limits = limits;
        this.bornAt = now;
        this.now = now;
        this.stageAt = now;
    }

    // ---- What happened.

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

    /** The upstream sent something, after which every choice of the answer has ended or not. */
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

    /** The client takes something again, or still does. @return for how many nanoseconds it took nothing */
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

    // ---- What is due.

    long now() {
        return now;
    }

    boolean isDue(long deadline) {
        return deadline != NEVER && now - deadline >= 0;
    }

    /** When a client that takes nothing has done so for too long. */
    long stall() {
        return after(blockedSince, limits.stall());
    }

    /** When the client has heard nothing for long enough. */
    long heartbeat() {
        return takesComments ? after(writtenAt, limits.heartbeat()) : NEVER;
    }

    /** When a client that was told of its broken answer has had time to read that. */
    long breakOff() {
        return after(stageAt, TIME_TO_READ);
    }

    /** When the request should have been whole. */
    long requestDeadline() {
        return after(bornAt, limits.body());
    }

    /** When the wait for whatever must come next has lasted too long. Only before {@link Stage#CLOSING}. */
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

    /** Comments may come without end. An answer that takes none is read as it comes, and has no such deadline. */
    private long nextToken(UpstreamTimeouts with) {
        return takesComments ? after(lastTokenAt, with.token()) : NEVER;
    }

    /** What it means that {@link #deadline} has passed; null if the answer is whole and only nothing followed it. */
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

    // ---- What it came to.

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
