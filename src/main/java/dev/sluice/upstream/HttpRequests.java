package dev.sluice.upstream;

import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.util.Promise;

/** Requests to one provider, and connections for them. All methods may be called by any thread. */
interface HttpRequests {
    /** A request for a completion that is not sent yet. */
    Request completion(Target target, UpstreamRequest sending);

    /** Makes a connection that belongs to no pool. */
    void connect(Request request, Promise<Connection> whenMade);

    /** Whether this is the first call on {@code connection}. */
    boolean isFirstUse(Connection connection);
}
