package dev.sluice.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.relay.Head;
import dev.sluice.web.JettyView;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a flush is omitted, and that a token is sent at once both with and without one. Jetty, over real sockets. */
@Timeout(60)
final class UnbufferedOutputTest {
    private static final String TOKEN = "a token";

    @Test
    void token_toAJettyThatGathersNothing_leavesWithoutAFlush() throws Exception {
        assertEquals(0, flushesForATokenThatArrived(0, null, UnaryOperator.identity()), "flushes");
    }

    @Test
    void token_toAJettyThatGathers_isFlushed() throws Exception {
        assertEquals(1, flushesForATokenThatArrived(32_768, null, UnaryOperator.identity()), "flushes");
    }

    @Test
    void token_behindAFilterThatAskedForABuffer_isFlushed() throws Exception {
        Filter asking = (request, response, chain) -> {
            response.setBufferSize(8192);
            chain.doFilter(request, response);
        };
        assertEquals(1, flushesForATokenThatArrived(0, asking, UnaryOperator.identity()), "flushes");
    }

    @Test
    void token_behindAFilterThatGathers_isFlushed() throws Exception {
        Filter gathering =
                (request, response, chain) -> chain.doFilter(request, new Gathering((HttpServletResponse) response));
        assertEquals(1, flushesForATokenThatArrived(0, gathering, UnaryOperator.identity()), "flushes");
    }

    @Test
    void token_behindAHandlerThatGathers_isFlushed() throws Exception {
        assertEquals(1, flushesForATokenThatArrived(0, null, GatheringHandler::new), "flushes");
    }

    @Test
    void token_thatSomebodyEncodes_isFlushed() throws Exception {
        Filter encoding = (request, response, chain) -> {
            ((HttpServletResponse) response).setHeader("Content-Encoding", "x");
            chain.doFilter(request, response);
        };
        assertEquals(1, flushesForATokenThatArrived(0, encoding, UnaryOperator.identity()), "flushes");
    }

    /** The answer does not end, so what is held back until its end would never be received. */
    private static int flushesForATokenThatArrived(
            int aggregation, @Nullable Filter filter, UnaryOperator<Handler> behind) throws Exception {
        HttpConfiguration http = new HttpConfiguration();
        http.setOutputAggregationSize(aggregation);
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        OneToken servlet = new OneToken();
        ServletHolder holder = new ServletHolder(servlet);
        holder.setAsyncSupported(true);
        ServletContextHandler context = new ServletContextHandler();
        context.addServlet(holder, "/*");
        if (filter != null) {
            FilterHolder before = new FilterHolder(filter);
            before.setAsyncSupported(true);
            context.addFilter(before, "/*", EnumSet.of(DispatcherType.REQUEST));
        }
        server.setHandler(behind.apply(context));
        server.start();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort())) {
            client.setSoTimeout(20_000);
            client.getOutputStream().write("GET / HTTP/1.1\r\nHost: here\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            readToken(client.getInputStream());
            return servlet.flushes();
        } finally {
            server.stop();
        }
    }

    private static void readToken(InputStream answer) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(TOKEN) < 0) {
            int next = answer.read();
            assertTrue(next >= 0, () -> "the answer ended without the token: " + read);
            read.append((char) next);
        }
    }

    /** Answers with one token and then sends nothing more. */
    private static final class OneToken extends HttpServlet {
        private static final long serialVersionUID = 1;

        private final transient JettyView jetty = new JettyView();
        private final AtomicInteger flushes = new AtomicInteger();
        private final CountDownLatch said = new CountDownLatch(1);

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            AsyncContext async = request.startAsync();
            async.setTimeout(0);
            boolean unbuffered = jetty.isUnbuffered(request, response);
            var counting = new Counting(response, flushes);
            var downstream = new ServletDownstream(async, request, counting, unbuffered, () -> true);
            downstream.listen(new Saying(downstream, said));
        }

        int flushes() throws InterruptedException {
            assertTrue(said.await(20, TimeUnit.SECONDS), "the output was never ready for the flush");
            return flushes.get();
        }
    }

    /** Writes one token, as a stream does when it is woken. */
    private static final class Saying implements Runnable {
        private final ServletDownstream downstream;
        private final CountDownLatch over;
        private int said; // guarded by `this`

        Saying(ServletDownstream downstream, CountDownLatch over) {
            this.downstream = downstream;
            this.over = over;
        }

        @Override
        public synchronized void run() {
            if (said == 0 && downstream.isReady()) {
                said = 1;
                downstream.begin("text/plain", new Head(-1, List.of()));
                downstream.write(TOKEN.getBytes(StandardCharsets.US_ASCII), 0, TOKEN.length());
            }
            if (said == 1 && downstream.isReady()) {
                said = 2;
                downstream.flush();
                over.countDown();
            }
        }
    }

    /** Counts what is flushed. */
    private static final class Counting extends HttpServletResponseWrapper {
        private final AtomicInteger flushes;

        Counting(HttpServletResponse response, AtomicInteger flushes) {
            super(response);
            this.flushes = flushes;
        }

        @Override
        public ServletOutputStream getOutputStream() throws IOException {
            return new Through(super.getOutputStream()) {
                @Override
                public void flush() throws IOException {
                    flushes.incrementAndGet();
                    super.flush();
                }
            };
        }
    }

    /** Holds everything back until it is flushed. */
    private static final class Gathering extends HttpServletResponseWrapper {
        private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();

        Gathering(HttpServletResponse response) {
            super(response);
        }

        @Override
        public ServletOutputStream getOutputStream() throws IOException {
            return new Through(super.getOutputStream()) {
                @Override
                public void write(byte[] bytes, int offset, int length) {
                    gathered.write(bytes, offset, length);
                }

                @Override
                public void flush() throws IOException {
                    super.write(gathered.toByteArray(), 0, gathered.size());
                    gathered.reset();
                    if (isReady()) {
                        super.flush();
                    }
                }
            };
        }
    }

    /** Holds everything back until an empty write, which is how Jetty passes a flush on. */
    private static final class GatheringHandler extends Handler.Wrapper {
        GatheringHandler(Handler handler) {
            super(handler);
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            return super.handle(request, new GatheringResponse(request, response), callback);
        }
    }

    private static final class GatheringResponse extends Response.Wrapper {
        private ByteBuffer held = ByteBuffer.allocate(0);

        GatheringResponse(Request request, Response response) {
            super(request, response);
        }

        @Override
        public void write(boolean last, @Nullable ByteBuffer content, Callback callback) {
            if (content != null && content.hasRemaining()) {
                ByteBuffer more = ByteBuffer.allocate(held.remaining() + content.remaining());
                held = more.put(held).put(content).flip();
                callback.succeeded();
            } else {
                super.write(last, held, callback);
            }
        }
    }

    /** Wraps an output, as filters do. */
    private static class Through extends ServletOutputStream {
        private final ServletOutputStream output;

        Through(ServletOutputStream output) {
            this.output = output;
        }

        @Override
        public void write(int octet) throws IOException {
            output.write(octet);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            output.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            output.flush();
        }

        @Override
        public boolean isReady() {
            return output.isReady();
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            output.setWriteListener(listener);
        }
    }
}
