package dev.sluice.caller;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The original data of a request that trusted proxies have forwarded.
 *
 * @param client the address of the client; null if the proxies have not told it, or not clearly
 * @param onThisMachine whether the client and all proxies are on this machine; only then a loopback address is this machine's
 * @param host the host that the client has requested, in lower case; null if the proxies have not told it, so that {@code Host}
 *     does; empty if they contradict each other
 * @param scheme the scheme that the client has used, in lower case; null and empty as for the host
 */
record Forwarded(
        @Nullable InetAddress client,
        boolean onThisMachine,
        @Nullable String host,
        @Nullable String scheme) {
    /** The headers are ill-formed: nothing is known, and no page counts as one of this server. */
    static final Forwarded CONTRADICTORY = new Forwarded(null, false, "", "");
}
