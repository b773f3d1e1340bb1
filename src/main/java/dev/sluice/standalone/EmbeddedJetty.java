package dev.sluice.standalone;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.WindowRateControl;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandlerCollection;
import org.eclipse.jetty.server.handler.DefaultHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * A Jetty that serves the WAR alone. Its settings are those of {@code jetty-base}, whose files give the reason for each.
 * {@link #call} starts it and returns the port. {@link #close} stops it, after the streams have been drained. A class
 * loader of its own loads it ({@link UnpackedWar#jetty()}), so that {@link Main} uses it by types of the JDK only.
 */
public final class EmbeddedJetty implements Callable<Integer>, Closeable {
    private static final long IDLE_MILLIS = 180_000;
    private static final int SEND_BUFFER = 32_768;
    private static final int INPUT_BUFFER = 4096;
    private static final int REQUEST_HEAD = 32_768;
    private static final int BUFFERS_STEP = 2048;
    private static final int LARGEST_POOLED_BUFFER = 65_536;
    private static final int ACCEPT_QUEUE = 1024;
    private static final int STREAMS_OF_A_CONNECTION = 256;
    private static final int CONTROL_FRAMES_A_SECOND = 512;

    /** The servlet context attribute by which the application tells the value of sluice.drain, a {@link Long}. */
    private static final String DRAIN_MILLIS = "dev.sluice.drain-millis";

    /** The time that Jetty waits beyond sluice.drain, for connections that do not end. */
    private static final long AFTER_DRAIN_MILLIS = 5_000;

    /** Accepts several slashes in a row, for {@link CompactPaths}. */
    private static final UriCompliance SLASHES =
            UriCompliance.DEFAULT.with("slashes", UriCompliance.Violation.AMBIGUOUS_EMPTY_SEGMENT);

    private static final int CORES = Runtime.getRuntime().availableProcessors();

    /** Few suffice, because hardly any request blocks its thread. jetty-base tells why few are better. */
    private static final int MOST_THREADS = Math.max(16, 2 * CORES);

    /** The number that Jetty would choose for a large thread pool. */
    private static final int SELECTORS = Math.max(1, CORES / 2);

    private static final int FEWEST_THREADS = 4;

    private final Server server = new Server(
            new QueuedThreadPool(MOST_THREADS, FEWEST_THREADS),
            null,
            new ArrayByteBufferPool(0, BUFFERS_STEP, LARGEST_POOLED_BUFFER));
    private final ServerConnector connector;
    private final WebAppContext context;

    /**
     * A server that has not been started.
     *
     * @param webapp the unpacked WAR
     * @param temporary a directory for the server's own files
     */
    public EmbeddedJetty(Path webapp, Path temporary, String host, int port, String contextPath) {
        connector = connector(server, host, port);
        server.addConnector(connector);
        context = context(webapp, temporary, contextPath);
        server.setHandler(new GracefulHandler(new CompactPaths(new ContextHandlerCollection(context))));
        server.setErrorHandler(new JsonErrors());
        server.setDefaultHandler(new DefaultHandler(false, false));
        server.setTempDirectory(temporary.toFile());
        server.setStopTimeout(AFTER_DRAIN_MILLIS);
        server.setStopAtShutdown(false); // Main stops it, and deletes the unpacked WAR afterwards
    }

    /** @throws IOException if it cannot listen; nothing has been started then */
    @Override
    public Integer call() throws Exception {
        connector.open();
        server.start();
        if (context.getContext().getAttribute(DRAIN_MILLIS) instanceof Long drain) {
            server.setStopTimeout(drain + AFTER_DRAIN_MILLIS);
        }
        return connector.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        try {
            server.stop();
        } catch (Exception fault) {
            throw new IOException(fault);
        }
    }

    private static ServerConnector connector(Server server, String host, int port) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setUriCompliance(SLASHES);
        http.setRequestHeaderSize(REQUEST_HEAD);
        http.setOutputAggregationSize(0); // Sluice has a buffer of its own; Jetty's would be one more for each stream
        PriorKnowledge http2 = new PriorKnowledge(http);
        http2.setMaxConcurrentStreams(STREAMS_OF_A_CONNECTION);
        http2.setRateControlFactory(new WindowRateControl.Factory(CONTROL_FRAMES_A_SECOND));
        // Each HTTP/1.1 connection keeps this buffer until its answer ends. The constructor of PriorKnowledge has
        // raised the size, so it is set after it.
        http.setInputBufferSize(INPUT_BUFFER);
        ServerConnector connector = new ServerConnector(server, -1, SELECTORS, new HttpConnectionFactory(http), http2);
        connector.setHost(host);
        connector.setPort(port);
        connector.setIdleTimeout(IDLE_MILLIS);
        connector.setAcceptedSendBufferSize(SEND_BUFFER);
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        return connector;
    }

    private static WebAppContext context(Path webapp, Path temporary, String contextPath) {
        // Without sessions, as in jetty-base. The other handlers are Jetty's defaults.
        var context = new WebAppContext(contextPath, null, null, null, null, ServletContextHandler.SECURITY);
        context.setWar(webapp.toString());
        context.setTempDirectory(temporary.resolve("context").toFile());
        context.setInitParameter("org.eclipse.jetty.servlet.Default.dirAllowed", "false");
        context.setThrowUnavailableOnStartupException(true);
        context.getHiddenClassMatcher().add("org.slf4j."); // WEB-INF/lib has it too
        return context;
    }
}
