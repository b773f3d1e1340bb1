package dev.sluice.relay;

import dev.sluice.chat.Failure;
import java.time.Duration;

/**
 * A stream's points in time, and what is due by them. The upstream's clocks stand still while the client blocks the
 * stream. Guarded by the stream's baton.
 */
final class StreamClocks {
    /** It has not come to that, or is over. */
    static final long NEVER = Long.MIN_VALUE;

    private final Limits limits;
    private final long bornAt;
    private long now;
    private long openedAt = NEVER;
    private long sentAt = NEVER;
    private boolean tokenSeen;
    private long silentSince = NEVER; // the upstream, though asked
    private long blockedSince = NEVER; // the client
    private long writtenAt = NEVER;

    StreamClocks(Limits limits, long now) {
        this.limits = limits;
        this.bornAt = now;
        this.now = now;
    }

    // ---- What happened.

    void tick(long nanoTime) {
        now = nanoTime;
    }

    void opened() {
        openedAt = now;
        writtenAt = now; // heartbeats count from here
    }

    void sent() {
        sentAt = sentAt == NEVER ? now : sentAt;
    }

    void token() {
        tokenSeen = true;
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
        silentSince = silentSince == NEVER ? NEVER : silentSince + blocked;
        sentAt = sentAt == NEVER ? NEVER : sentAt + blocked;
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
        return after(writtenAt, limits.heartbeat());
    }

    /** When the wait for whatever must come next has lasted too long. */
    long deadline() {
        if (openedAt == NEVER) {
            return after(bornAt, limits.body());
        }
        if (sentAt == NEVER) {
            return after(openedAt, limits.connect());
        }
        return tokenSeen ? after(silentSince, limits.idle()) : after(sentAt, limits.firstToken());
    }

    /** What it means that {@link #deadline} has passed. */
    Failure timeout() {
        if (openedAt == NEVER) {
            return Failure.timeout(
                    408, "request_timeout", "The request's body was not whole after " + words(limits.body()) + ".");
        }
        if (sentAt == NEVER) {
            return Failure.timeout(504, "connect_timeout", "The upstream took no request in time.");
        }
        return tokenSeen
                ? Failure.timeout(504, "idle_timeout", "The upstream fell silent for " + words(limits.idle()) + ".")
                : Failure.timeout(
                        504,
                        "first_token_timeout",
                        "The upstream gave no first token within " + words(limits.firstToken()) + ".");
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
