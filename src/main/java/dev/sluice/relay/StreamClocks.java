package dev.sluice.relay;

import static java.util.Objects.requireNonNull;

import dev.sluice.chat.Failure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A stream's points in time, and what is due by them. The upstream's clocks stand still while the client blocks the
 * stream. Guarded by the stream's baton.
 */
final class StreamClocks {
    /** It has not come to that, or is over. */
    static final long NEVER = Long.MIN_VALUE;

    /**
     * For a client to read that the answer broke off, before its connection does too. Chromium needs as long as the page's
     * thread is busy with something else: 100 ms did not do for a page that was busy for 250 ms at a time.
     */
    private static final Duration TIME_TO_READ = Duration.ofMillis(250);

    /** What may follow the end of every choice, the usage and {@code [DONE]}, comes within moments, or never. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Limits limits;
    private final long bornAt;
    private long now;
    private @Nullable UpstreamTimeouts timeouts; // once there is an upstream to be waited for
    private boolean beats; // heartbeats may be written
    private long openedAt = NEVER;
    private long sentAt = NEVER;
    private long tokenAt = NEVER; // the first
    private long lastTokenAt = NEVER;
    private long finishedAt = NEVER; // the answer, but for what may follow it
    private long silentSince = NEVER; // the upstream, though asked
    private long blockedSince = NEVER; // the client
    private long writtenAt = NEVER;
    private long toldAt = NEVER; // the client, all of its broken answer
    private long paused;

    StreamClocks(Limits limits, long now) {
        this.limits = limits;
        this.bornAt = now;
        this.now = now;
    }

    // ---- What happened.

    void tick(long nanoTime) {
        now = nanoTime;
    }

    void opened(UpstreamTimeouts timeouts, boolean beats) {
        this.timeouts = timeouts;
        this.beats = beats;
        openedAt = now;
        writtenAt = now; // heartbeats count from here
    }

    void sent() {
        sentAt = sentAt == NEVER ? now : sentAt;
    }

    void token() {
        tokenAt = tokenAt == NEVER ? now : tokenAt;
        lastTokenAt = now;
    }

    /** The provider said something, after which the answer is finished or not. */
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

    /** The client takes something again, or still does. Returns for how many nanoseconds it did not. */
    long clientTakes() {
        if (blockedSince == NEVER) {
            return 0;
        }
        long blocked = now - blockedSince;
        blockedSince = NEVER;
        paused += blocked;
        silentSince = silentSince == NEVER ? NEVER : silentSince + blocked;
        sentAt = sentAt == NEVER ? NEVER : sentAt + blocked;
        lastTokenAt = lastTokenAt == NEVER ? NEVER : lastTokenAt + blocked;
        finishedAt = finishedAt == NEVER ? NEVER : finishedAt + blocked;
        return blocked;
    }

    /** The container has sent all that there is of an answer that is not whole. */
    void told() {
        toldAt = toldAt == NEVER ? now : toldAt;
    }

    boolean isTold() {
        return toldAt != NEVER;
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
        return beats ? after(writtenAt, limits.heartbeat()) : NEVER;
    }

    /** When a client that was told of its broken answer has had time to read that. */
    long breakOff() {
        return after(toldAt, TIME_TO_READ);
    }

    /** When the wait for whatever must come next has lasted too long. */
    long deadline() {
        if (openedAt == NEVER) {
            return after(bornAt, limits.body());
        }
        UpstreamTimeouts with = requireNonNull(timeouts);
        if (sentAt == NEVER) {
            return after(openedAt, with.connect());
        }
        if (finishedAt != NEVER) {
            return earlier(earlier(after(finishedAt, GRACE), after(silentSince, with.idle())), nextToken(with));
        }
        return tokenAt == NEVER
                ? after(sentAt, with.firstToken())
                : earlier(after(silentSince, with.idle()), nextToken(with));
    }

    /** Only where comments, or their like, may come without end: what has no place for them is read as it comes. */
    private long nextToken(UpstreamTimeouts with) {
        return beats ? after(lastTokenAt, with.token()) : NEVER;
    }

    /** What it means that {@link #deadline} has passed; null if no more than that nothing follows a finished answer. */
    @Nullable
    Failure timeout() {
        if (finishedAt != NEVER) {
            return null;
        }
        if (openedAt == NEVER) {
            return Failure.timeout(
                    408, "request_timeout", "The request's body was not whole after " + words(limits.body()) + ".");
        }
        UpstreamTimeouts with = requireNonNull(timeouts);
        if (sentAt == NEVER) {
            return Failure.timeout(504, "connect_timeout", "The upstream took no request in time.");
        }
        if (tokenAt == NEVER) {
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
        return tokenAt == NEVER ? null : Duration.ofNanos(tokenAt - bornAt);
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

    private static long after(long start, Duration time) {
        return start == NEVER ? NEVER : start + time.toNanos();
    }

    private static String words(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }
}
