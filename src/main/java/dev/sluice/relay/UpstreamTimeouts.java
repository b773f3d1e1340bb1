package dev.sluice.relay;

import java.time.Duration;

/**
 * How long a stream waits for its upstream.
 *
 * @param connect until the request has left
 * @param firstToken from then to the first token
 * @param idle for anything after it; the time does not count in which the stream asks for nothing
 * @param token from one token to the next, though something else may come meanwhile
 */
public record UpstreamTimeouts(Duration connect, Duration firstToken, Duration idle, Duration token) {
    /** Of each timeout the longer of the two. */
    public UpstreamTimeouts or(UpstreamTimeouts other) {
        return new UpstreamTimeouts(
                longer(connect, other.connect),
                longer(firstToken, other.firstToken),
                longer(idle, other.idle),
                longer(token, other.token));
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
