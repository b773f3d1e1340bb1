package dev.sluice.relay;

import dev.sluice.relay.StreamListener.Opened;
import dev.sluice.relay.StreamListener.Request;
import java.time.Instant;

/** What tests say is known of a stream when it opens. */
public final class Openings {
    /** A request of a client on this machine. */
    public static final Request REQUEST =
            new Request(Instant.parse("2026-11-30T12:00:00.5Z"), "request-1", null, "127.0.0.1");

    private Openings() {}

    /** A stream of a caller without a plan. */
    public static Opened of(Caller caller, String endpoint) {
        return new Opened(caller, null, endpoint, REQUEST);
    }
}
