package dev.sluice.relay;

import java.time.Duration;

/**
 * How long a provider is waited for.
 *
 * @param connect until the request has left
 * @param firstToken from then to the first token
 * @param idle silence after it, the time not counted in which the provider is not asked
 * @param token from one token to the next, whatever else comes meanwhile
 */
public record UpstreamTimeouts(Duration connect, Duration firstToken, Duration idle, Duration token) {
    /** Each the longer of the two. */
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
