package dev.sluice.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.sluice.dialect.Passed;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.dialect.openai.ChatCompletions;
import dev.sluice.relay.UpstreamTimeouts;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.DuplexConnectionPool;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.transport.IConnection;
import org.eclipse.jetty.client.transport.SendFailure;
import org.eclipse.jetty.util.Promise;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls that fail before any byte of the request was sent, and the end of one that does not. */
@Timeout(60)
class UpstreamCallTest {
    private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
    private final ManualClock clock = new ManualClock();
    private final Semaphore woken = new Semaphore(0);

    @SuppressWarnings("NullAway.Init")
    private ModelServer server;

    @SuppressWarnings("NullAway.Init")
    private HttpProvider provider;

    @SuppressWarnings("NullAway.Init")
    private UpstreamCall call;

    @BeforeEach
    void start() throws Exception {
        server = new ModelServer();
        provider = server.provider(null, scheduler, clock);
        call = callOf(provider);
    }

    private static UpstreamCall callOf(HttpProvider provider) {
        return callOf(provider, provider);
    }

    private static UpstreamCall callOf(HttpProvider provider, HttpRequests requests) {
        HeldBody body = new HeldBody(target -> List.of(ByteBuffer.wrap("{}".getBytes(UTF_8))), () -> {});
        return new UpstreamCall(
                provider,
                requests,
                new Target(provider, null),
                new UpstreamRequest(new ChatCompletions(), body, Passed.NONE, true));
    }

    @AfterEach
    void stop() throws Exception {
        provider.stop();
        server.close();
        scheduler.shutdownNow();
    }

    static Stream<IOException> losses() {
        return Stream.of(
                new EOFException("closed by the other end"),
                new AsynchronousCloseException(),
                new SocketException("Connection reset"));
    }

    /** As when the selector notices that a pooled connection has closed, just after a call was assigned to it. */
    @ParameterizedTest
    @MethodSource("losses")
    void connection_closesBeforeTheCallHasBegun_isMadeOnceMore(IOException loss) throws Exception {
        startWhereEachConnectionFails(loss);

        try (HttpExchange request = server.next()) {
            assertThat(request.getRequestURI()).hasPath("/v1/chat/completions");
        }
    }

    static Stream<IOException> misses() {
        return Stream.of(
                new ConnectException("Connection refused"),
                new SocketTimeoutException("Connect Timeout"),
                new UnknownHostException("nowhere"));
    }

    @ParameterizedTest
    @MethodSource("misses")
    void connection_couldNotBeMade_failsAtOnce(IOException miss) throws Exception {
        startWhereEachConnectionFails(miss);

        assertThat(woken.tryAcquire(10, TimeUnit.SECONDS)).as("heard of it").isTrue();
        assertThat(call.failure().code()).isEqualTo(Faults.of(miss).code());
        assertThat(server.requests()).as("requests").isZero();
    }

    @Test
    void memory_failsBeforeTheRequestIsSent_leavesNoCallOpen() throws Exception {
        provider.start();
        UpstreamCall failing = callOf(provider, new RequestsWithoutMemory(provider, 1));

        assertThatThrownBy(() -> failing.start(woken::release)).isInstanceOf(OutOfMemoryError.class);
        failing.cancel(); // as the stream does that makes a refusal of the error
        assertThat(provider.openCalls()).as("open calls").isZero();
    }

    @Test
    void memory_failsBeforeTheRequestIsSentOnceMore_isToldAndLeavesNoCallOpen() throws Exception {
        call = callOf(provider, new RequestsWithoutMemory(provider, 2));
        startWhereEachConnectionFails(new EOFException("closed by the other end"));

        assertThat(woken.tryAcquire(10, TimeUnit.SECONDS)).as("heard of it").isTrue();
        assertThat(call.failure().code()).isEqualTo("no_memory");
        assertThat(call.retryClass()).isEqualTo(RetryClass.FINAL);
        assertThat(provider.openCalls()).as("open calls").isZero();
        assertThat(provider.standing().isReachable())
                .as("whether the provider is blamed")
                .isNotEqualTo(false);
    }

    /** As of a provider that does not end its response after the last event. */
    @Test
    void answer_thatIsWholeBeforeItsResponseEnds_leavesNoCallOpen() throws Exception {
        CallRig rig = new CallRig();
        try (CallRig.Call whole = rig.call(true, exchange -> {
            exchange.stream().token("a");
            exchange.closed().join();
        })) {
            whole.until("data: ");
            assertThat(rig.provider.openCalls()).as("open calls").isOne();
            whole.upstream.finish();
            assertThat(rig.provider.openCalls()).as("open calls").isZero();
        } finally {
            rig.stop();
        }
    }

    /** For an answer of the other kind, the provider has worked. For an error, or a page of a web server, it has not. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "true | application/json | {\"choices\":[{\"message\":{\"content\":\"hi\"}}]} | true",
                "true | application/json | {\"error\":{\"message\":\"no\",\"code\":429}} | false",
                "true | application/json | {\"error\":{\"message\":\"no\"}} | false",
                "true | text/html | <html>hi</html> | false",
                "false | text/event-stream | data: {\"choices\":[]} | true",
            })
    void answer_ofTheOtherKind_isOneForWhichTheProviderHasWorked(
            boolean streams, String type, String body, boolean worked) throws Exception {
        CallRig rig = new CallRig();
        try (CallRig.Call refused = rig.call(
                streams,
                exchange -> exchange.raw("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(type, body.length(), body)))) {
            assertThat(refused.failure().status()).isNotEqualTo(200);
            assertThat(refused.upstream.mayHaveWorked()).isEqualTo(worked);
        } finally {
            rig.stop();
        }
    }

    /**
     * Jetty's client has timeouts for the DNS lookup and for the connection to each address, but none for the TLS
     * handshake.
     */
    @Test
    void handshake_thatHangs_failsAtTheConnectTimeout_soThatAnotherProviderCanBeAsked() throws Exception {
        Duration patience = Duration.ofSeconds(5);
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            HttpProvider secure = new HttpProvider(
                    new Provider.Profile(
                            "secure",
                            1,
                            new UpstreamTimeouts(patience, Duration.ofHours(1), patience, patience),
                            true,
                            false,
                            RequestDefaults.NONE,
                            Set.of("chat-completions")),
                    URI.create("https://127.0.0.1:" + silent.getLocalPort() + "/v1"),
                    null,
                    ListRequest.PLAIN,
                    new ProviderWords(List.of()),
                    scheduler,
                    clock,
                    Runnable::run);
            secure.start();
            try {
                UpstreamCall hanging = callOf(secure);
                hanging.start(woken::release);
                try (Socket unanswered = silent.accept()) {
                    assertThat(woken.availablePermits())
                            .as("nothing has happened yet")
                            .isZero();
                    clock.pass(patience);
                    assertThat(woken.tryAcquire(10, TimeUnit.SECONDS))
                            .as("heard of it")
                            .isTrue();
                    assertThat(unanswered.isClosed()).isFalse();
                }
                assertThat(hanging.failure().code()).isEqualTo("connect_timeout");
                assertThat(hanging.failure().status()).isEqualTo(504);
                assertThat(hanging.retryClass()).isEqualTo(RetryClass.ELSEWHERE);
                assertThat(secure.standing().fault()).isEqualTo(Fault.CONNECT_TIMEOUT);
                clock.awaitNone();
            } finally {
                secure.stop();
            }
        }
    }

    private void startWhereEachConnectionFails(IOException failure) throws Exception {
        provider.client()
                .getHttpClientTransport()
                .setConnectionPoolFactory(destination -> new FailingPool(destination, failure));
        provider.start();
        call.start(woken::release);
    }

    /** There is no memory for one of the requests. */
    private static final class RequestsWithoutMemory implements HttpRequests {
        private final HttpProvider provider;
        private final int failing;
        private int made; // guarded by the call, which makes one at a time

        /** @param failing which one, from 1 */
        RequestsWithoutMemory(HttpProvider provider, int failing) {
            this.provider = provider;
            this.failing = failing;
        }

        @Override
        public Request completion(Target target, UpstreamRequest sending) {
            made++;
            if (made == failing) {
                throw new OutOfMemoryError("by the test");
            }
            return provider.completion(target, sending);
        }

        @Override
        public void connect(Request request, Promise<Connection> whenMade) {
            provider.connect(request, whenMade);
        }

        @Override
        public boolean isFirstUse(Connection connection) {
            return provider.isFirstUse(connection);
        }
    }

    private static final class FailingPool extends DuplexConnectionPool {
        private final IOException failure;

        FailingPool(Destination destination, IOException failure) {
            super(destination, 1);
            this.failure = failure;
        }

        @Override
        public Connection acquire(boolean create) {
            return new Failing(failure);
        }

        @Override
        public boolean release(Connection connection) {
            return true;
        }
    }

    /** A connection that fails each request. */
    private record Failing(IOException failure) implements IConnection {
        @Override
        public SendFailure send(org.eclipse.jetty.client.transport.HttpExchange exchange) {
            return new SendFailure(failure, false);
        }

        @Override
        public void send(Request request, Response.CompleteListener listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}

        @Override
        public boolean isClosed() {
            return true;
        }
    }
}
