package dev.sluice.servlet;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.web.JettyView;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stream that its client resets, over HTTP/2 and a real socket. Jetty. */
@Timeout(60)
final class ResetTest {
    private static final long PATIENCE_SECONDS = 20;

    @Test
    void stream_resetDuringItsDispatch_hasLeft() throws Exception {
        InDispatch servlet = new InDispatch();
        ServletHolder holder = new ServletHolder(servlet);
        holder.setAsyncSupported(true);
        ServletContextHandler context = new ServletContextHandler();
        context.addServlet(holder, "/*");
        Server server = new Server();
        ServerConnector connector =
                new ServerConnector(server, new HTTP2CServerConnectionFactory(new HttpConfiguration()));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(context);
        HTTP2Client client = new HTTP2Client();
        server.start();
        client.start();
        try {
            Session session = client.connect(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort()),
                            new Session.Listener() {})
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            MetaData.Request request = new MetaData.Request(
                    "GET",
                    HttpURI.from("http://127.0.0.1:" + connector.getLocalPort() + "/"),
                    HttpVersion.HTTP_2,
                    HttpFields.EMPTY);
            Stream stream = session.newStream(new HeadersFrame(request, null, true), new Stream.Listener() {})
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertTrue(servlet.listening.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "the request arrived");
            stream.reset(new ResetFrame(stream.getId(), ErrorCode.CANCEL_STREAM_ERROR.code))
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertTrue(servlet.left.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "told of the reset before it returned");
        } finally {
            servlet.left.countDown();
            client.stop();
            server.stop();
        }
    }

    /** Does not return before it knows. */
    private static final class InDispatch extends HttpServlet {
        private static final long serialVersionUID = 1;

        private final transient CountDownLatch listening = new CountDownLatch(1);
        private final transient CountDownLatch left = new CountDownLatch(1);

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) {
            AsyncContext async = request.startAsync();
            new JettyView().onReset(request, left::countDown);
            listening.countDown();
            try {
                assertTrue(left.await(2 * PATIENCE_SECONDS, TimeUnit.SECONDS), "the reset was told");
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            } finally {
                async.complete();
            }
        }
    }
}
