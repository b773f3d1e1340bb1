package dev.sluice.simulator;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Where clients in this JVM connect to the server over a {@link MemoryPipe}. It needs neither acceptor nor selector, for
 * whoever puts bytes into a pipe wakes the other end; and no idle timeout, for a silent stream is one of the things
 * that the simulator is there to show.
 */
final class PipeConnector extends AbstractConnector {
    private static final int NO_ACCEPTORS = 0;

    PipeConnector(Server server, HttpConfiguration http) {
        super(server, null, null, null, NO_ACCEPTORS, new HttpConnectionFactory(http));
        setIdleTimeout(0);
    }

    /** The way for Jetty's HttpClient to get here, whatever host and port its request names. */
    Transport transport() {
        return new PipeTransport(this);
    }

    @Override
    public Object getTransport() {
        return this;
    }

    @Override
    protected void accept(int acceptor) {
        throw new IllegalStateException("there is nothing to accept");
    }

    @Override
    protected void doStop() throws Exception {
        for (EndPoint end : List.copyOf(getConnectedEndPoints())) {
            end.close();
        }
        super.doStop();
    }

    private EndPoint connect(Scheduler clientTimes, Executor clientWork) throws ConnectException {
        if (!isRunning()) {
            throw new ConnectException("the simulator is not running");
        }
        MemoryPipe pipe = new MemoryPipe(clientTimes, clientWork, getScheduler(), getExecutor());
        EndPoint end = pipe.getRemoteEndPoint();
        end.setIdleTimeout(getIdleTimeout());
        Connection connection = getDefaultConnectionFactory().newConnection(this, end);
        end.setConnection(connection);
        connection.addEventListener(new Connection.Listener() {
            @Override
            public void onClosed(Connection closed) {
                onEndPointClosed(end);
            }
        });
        onEndPointOpened(end);
        end.onOpen();
        connection.onOpen();
        if (!isRunning()) {
            end.close(); // Stopping may have looked for open ends just before this one was.
        }
        return pipe.getLocalEndPoint();
    }

    private record PipeTransport(PipeConnector connector) implements Transport {
        private static final SocketAddress ADDRESS = InetSocketAddress.createUnresolved("simulator", 0);

        @Override
        public SocketAddress getSocketAddress() {
            return ADDRESS;
        }

        @Override
        public void connect(SocketAddress address, Map<String, Object> context) {
            @SuppressWarnings("unchecked")
            Promise<Connection> promise =
                    (Promise<Connection>) need(context, ClientConnector.CONNECTION_PROMISE_CONTEXT_KEY);
            try {
                ClientConnector client = (ClientConnector) need(context, ClientConnector.CONTEXT_KEY);
                EndPoint end = connector.connect(client.getScheduler(), client.getExecutor());
                end.setIdleTimeout(client.getIdleTimeout().toMillis());
                promise.succeeded(open(end, context));
            } catch (Throwable x) {
                promise.failed(x);
            }
        }

        private Connection open(EndPoint end, Map<String, Object> context) throws Exception {
            try {
                // This transport may be wrapped in others: the outermost makes the connection.
                Connection connection = ((Transport) need(context, CONTEXT_KEY)).newConnection(end, context);
                end.setConnection(connection);
                end.onOpen();
                connection.onOpen();
                return connection;
            } catch (Throwable x) {
                end.close();
                throw x;
            }
        }

        private static Object need(Map<String, Object> context, String key) {
            return Objects.requireNonNull(context.get(key), key);
        }
    }
}
