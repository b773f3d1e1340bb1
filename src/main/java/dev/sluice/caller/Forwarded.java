package dev.sluice.caller;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a request was before the proxies that we trust passed it on.
 *
 * @param client who sent it to the first of them; null if they did not say, or not clearly
 * @param onThisMachine whether it came from this machine and never left it: only then does a loopback address mean us
 * @param host where it was sent to, in lower case; null if they did not say, and {@code Host} tells; empty if they
 *     contradicted each other, which is no host
 * @param scheme {@code http} or {@code https}, or whatever they said, in lower case; null and empty as for the host
 */
record Forwarded(
        @Nullable InetAddress client,
        boolean onThisMachine,
        @Nullable String host,
        @Nullable String scheme) {
    /** Nothing that was said can be believed, and no page's origin can be this server. */
    static final Forwarded CONTRADICTORY = new Forwarded(null, false, "", "");
}
