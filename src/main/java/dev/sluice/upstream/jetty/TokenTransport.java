package dev.sluice.upstream.jetty;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import org.eclipse.jetty.client.AbstractConnectionPool;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.eclipse.jetty.client.transport.internal.HttpChannelOverHTTP;
import org.eclipse.jetty.client.transport.internal.HttpConnectionOverHTTP;
import org.eclipse.jetty.client.transport.internal.HttpReceiverOverHTTP;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/** Jetty's transport for HTTP/1.1, with this package's receiver and connection pool. */
final class TokenTransport extends HttpClientTransportOverHTTP {
    TokenTransport(ClientConnector connector) {
        super(connector);
        setConnectionPoolFactory(Connections::new);
    }

    @Override
    public org.eclipse.jetty.io.Connection newConnection(EndPoint endPoint, Map<String, Object> context) {
        return customize(new TokenConnection(endPoint, context), context);
    }

    private static final class TokenConnection extends HttpConnectionOverHTTP {
        TokenConnection(EndPoint endPoint, Map<String, Object> context) {
            super(endPoint, (HttpDestination) context.get(Destination.CONTEXT_KEY), new Once(promise(context)));
        }

        @SuppressWarnings("unchecked") // Jetty's promise, which the context holds untyped
        private static Promise<Connection> promise(Map<String, Object> context) {
            return (Promise<Connection>) requireNonNull(context.get(Connection.PROMISE_CONTEXT_KEY));
        }

        @Override
        protected HttpChannelOverHTTP newHttpChannel() {
            return new HttpChannelOverHTTP(this) {
                @Override
                protected HttpReceiverOverHTTP newHttpReceiver() {
                    return new TokenReceiver(this);
                }
            };
        }
    }

    /** Jetty's connection pool, on top of a {@link LifoPool}. */
    private static final class Connections extends AbstractConnectionPool {
        Connections(Destination destination) {
            super(
                    destination,
                    () -> new LifoPool<>(destination.getHttpClient().getMaxConnectionsPerDestination()),
                    1); // call at a time on each connection
        }
    }

    /**
     * Completes a promise and releases it. Without this, each connection would keep the promise, and with it all objects of
     * the connect. Called once, by the thread that opens the connection.
     */
    private static final class Once implements Promise<Connection> {
        private @Nullable Promise<Connection> waiting;

        Once(Promise<Connection> waiting) {
            this.waiting = waiting;
        }

        @Override
        public void succeeded(Connection connection) {
            forget().succeeded(connection);
        }

        @Override
        public void failed(Throwable cause) {
            forget().failed(cause);
        }

        private Promise<Connection> forget() {
            Promise<Connection> promise = requireNonNull(waiting, "completed already");
            waiting = null;
            return promise;
        }
    }
}
