package dev.sluice.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.Admission;
import dev.sluice.admission.Admission.Admitted;
import dev.sluice.admission.Admission.Asker;
import dev.sluice.admission.Admission.Pending;
import dev.sluice.admission.Admission.Refused;
import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.it.Eventually;
import dev.sluice.observe.StreamTotals;
import dev.sluice.relay.Alarms;
import dev.sluice.relay.Caller;
import dev.sluice.relay.FakeUpstream;
import dev.sluice.relay.Head.Field;
import dev.sluice.relay.Limits;
import dev.sluice.relay.Outcome;
import dev.sluice.relay.PlainTranslator;
import dev.sluice.relay.RecordingListener;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamListener.Asked;
import dev.sluice.relay.StreamListener.Opened;
import dev.sluice.relay.StreamMetrics;
import dev.sluice.relay.StreamSummary;
import dev.sluice.relay.Streams;
import dev.sluice.web.Leases;
import dev.sluice.web.Pass;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of requests that are not passed on. Jetty, over real sockets. */
@Timeout(60)
final class StreamServletTest {
    private static final Caller ADA = new Caller("ada", Caller.Basis.CONTAINER, Set.of("team"));
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final List<Field> LIMIT_FIELDS = List.of(new Field("x-ratelimit-remaining-tokens", "0"));
    /** Fields for which there is no memory. */
    private static final List<Field> NO_MEMORY = List.of(new Field("no", "memory"));

    private static final Refused REFUSED = new Refused(
            new Failure(429, "rate_limit_error", "rate_limit_exceeded", "Too much.", null, Duration.ofSeconds(7)),
            LIMIT_FIELDS);

    /** Longer than any test, so that no test passes because of a timeout. */
    private static final Limits LIMITS =
            new Limits(Duration.ofMinutes(10), Duration.ofMinutes(10), Duration.ofMinutes(10), 1000);

    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final Streams streams = new Streams(new Alarms(scheduler), scheduler, new StreamMetrics());
    private final BodyBudget budget = new BodyBudget(1 << 20);
    private final ClientWatch clients = new ClientWatch();
    private final StreamTotals totals = new StreamTotals();
    private final List<Ended> ended = new CopyOnWriteArrayList<>();
    private final Leases leases = new Leases();
    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory());
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** The exception that its endpoint throws; set before the request. */
    private volatile Throwable fault = new IllegalStateException("not set");

    /** The admission of its requests; set before the request. */
    private volatile Admission admission = Admission.OF_ALL;

    /** Decides when the test says so. */
    private final Deciding deciding = new Deciding();

    /** The upstream of the latest request that could be parsed. */
    private volatile FakeUpstream upstream = new FakeUpstream();

    /** The pieces of the upstream's answer, if there is to be one; set before the request. */
    private volatile List<String> said = List.of();

    /** The length of what its upstream is sent; set before the request. */
    private volatile int sentBytes;

    /** Whether its container refuses to read bodies without blocking; set before the request. */
    private volatile boolean takesNoReader;

    @BeforeEach
    void start() throws Exception {
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        BodyLimit limit = new BodyLimit(budget, 100_000, "sluice.chat.max-bytes");
        Handling handling = new Handling(new Failing(), (stream, asked) -> admission.ask(stream, asked), limit, LIMITS);
        ServletHolder holder = new ServletHolder(
                new StreamServlet(request -> leases.of(handling), streams, clients, List.of(totals, this::opened)));
        holder.setAsyncSupported(true);
        ServletContextHandler context = new ServletContextHandler();
        context.addServlet(holder, "/*");
        FilterHolder access = new FilterHolder((request, response, chain) -> {
            Pass.giveEverything((HttpServletRequest) request, ADA, "192.0.2.7");
            chain.doFilter(takesNoReader ? new Unreadable((HttpServletRequest) request) : request, response);
        });
        access.setAsyncSupported(true);
        context.addFilter(access, "/*", EnumSet.of(DispatcherType.REQUEST));
        server.setHandler(context);
        server.start();
        clients.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
        clients.stop();
        scheduler.shutdownNow();
    }

    @Test
    void memory_failsWhileTheBodyIsRead_is503AtOnceAndNothingIsHeld() throws Exception {
        fault = new OutOfMemoryError("by the test");
        HttpResponse<String> answer = post("text/plain", "x".repeat(50_000));
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("\"no_memory\"");
        assertThat(answer.headers().firstValue("Retry-After")).contains("1");
        assertEnded("no_memory");
    }

    @Test
    void memory_failsBeforeTheAnswerHasLeft_is503WithoutTheAnswersHead() throws Exception {
        said = List.of("data: a\n\n", "data: no memory\n\n");
        HttpResponse<String> answer = post("text/plain", "x");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).startsWith("{\"error\":{").contains("\"no_memory\"");
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(answer.headers().firstValue("Retry-After")).contains("1");
        assertEnded("no_memory");
    }

    @Test
    void fault_beforeTheAnswerHasLeft_is500() throws Exception {
        said = List.of("data: a\n\n", "data: bug\n\n");
        HttpResponse<String> answer = post("text/plain", "x");
        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).contains("\"internal_error\"").doesNotContain("by the test");
        assertEnded("internal_error");
    }

    @Test
    void room_isMissingForTheWork_is503AndNothingIsHeld() throws Exception {
        fault = new InvalidRequestException(BodyBudget.noRoom());
        HttpResponse<String> answer = post("text/plain", "x".repeat(50_000));
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("\"no_room\"");
        assertEnded("no_room");
    }

    @Test
    void body_thatTheContainerCannotRead_is400() throws Exception {
        fault = new IllegalArgumentException("not decodable");
        HttpResponse<String> answer = post("text/plain", "x");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("malformed_request").doesNotContain("decodable");
        assertEnded("malformed_request");
    }

    @Test
    void body_tooLarge_is413ThatNamesItsSetting() throws Exception {
        HttpResponse<String> answer = post("text/plain", "x".repeat(100_001));
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).contains("sluice.chat.max-bytes");
        assertEnded("request_too_large");
    }

    @Test
    void type_thatIsNotRead_is415_andMethodThatIsNotAnswered_is405() throws Exception {
        assertThat(post("text/html", "x").statusCode()).isEqualTo(415);
        HttpResponse<String> answer =
                client.send(HttpRequest.newBuilder(uri()).GET().build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains("POST");
        assertThat(totals.open()).isZero();
        assertThat(leases.open()).as("leases of what handles them").isZero();
    }

    @Test
    void container_thatTakesNoReader_hasTheStreamEndOnce() throws Exception {
        takesNoReader = true;
        assertThat(post("text/plain", "x").statusCode()).isEqualTo(500);
        assertAllOver();
        assertThat(totals.ended(Outcome.CLIENT_GONE)).isEqualTo(1);
    }

    // ---- Admission.

    @Test
    void admission_refusesAtOnce_isAnsweredSoWithItsHeadersAndNothingIsAskedUpstream() throws Exception {
        said = List.of("data: a\n\n");
        admission = (stream, asked) -> {
            assertThat(stream.caller()).isEqualTo(ADA);
            assertThat(asked).isEqualTo(new Asked("m", true, 9, 7L));
            return REFUSED;
        };
        HttpResponse<String> answer = post("text/plain", "a request");
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.body()).contains("\"rate_limit_exceeded\"");
        assertThat(answer.headers().firstValue("Retry-After")).contains("7");
        assertThat(answer.headers().firstValue("x-ratelimit-remaining-tokens")).contains("0");
        assertEnded("rate_limit_exceeded");
        assertThat(upstream.isStarted()).isFalse();
    }

    @Test
    void admission_isAskedWithTheLengthOfWhatProvidersAreSent_ifThatIsLonger() throws Exception {
        said = List.of("data: a\n\n");
        sentBytes = 1_234;
        admission = (stream, asked) -> {
            assertThat(asked).isEqualTo(new Asked("m", true, 1_234, 7L));
            return REFUSED;
        };
        assertThat(post("text/plain", "a request").statusCode()).isEqualTo(429);
    }

    @Test
    void memory_failsBehindTheAdmission_isToldToWhoHoldsWhatWasTaken() throws Exception {
        said = List.of("data: a\n\n");
        List<StreamSummary> settled = new CopyOnWriteArrayList<>();
        admission = (stream, asked) -> new Admitted(
                new StreamListener() {
                    @Override
                    public void ended(StreamSummary summary) {
                        settled.add(summary);
                    }
                },
                NO_MEMORY);
        HttpResponse<String> answer = post("text/plain", "a request");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertEnded("no_memory");
        assertThat(settled).hasSize(1);
        assertThat(settled.get(0).mayHaveWorked()).isFalse();
    }

    @Test
    void admission_refusesLater_isAnsweredSo() throws Exception {
        said = List.of("data: a\n\n");
        admission = deciding;
        CompletableFuture<HttpResponse<String>> answer = postAsync("a request");
        Asker asker = deciding.asker();
        assertThat(budget.heldBytes()).as("the body is booked meanwhile").isPositive();
        scheduler.execute(() -> asker.answer(REFUSED));
        assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(429);
        assertEnded("rate_limit_exceeded");
        assertThat(upstream.isStarted()).isFalse();
        assertThat(deciding.cancellations.get()).isZero();
    }

    @Test
    void admission_admitsLater_streamsWithItsHeadersAndItsListenerHearsTheEnd() throws Exception {
        said = List.of("data: a\n\n", "data: [DONE]\n\n");
        admission = deciding;
        CompletableFuture<HttpResponse<String>> answer = postAsync("a request");
        Asker asker = deciding.asker();
        assertThat(upstream.isStarted()).as("asked before the decision").isFalse();
        var granted = new RecordingListener();
        scheduler.execute(() -> asker.answer(new Admitted(granted, LIMIT_FIELDS)));
        HttpResponse<String> streamed = answer.get(20, TimeUnit.SECONDS);
        assertThat(streamed.statusCode()).isEqualTo(200);
        assertThat(streamed.body()).startsWith("data: a\n\n");
        assertThat(streamed.headers().firstValue("x-ratelimit-remaining-tokens"))
                .contains("0");
        assertAllOver();
        assertThat(granted.ended(Outcome.WHOLE)).isEqualTo(1);
        assertThat(asker.answer(REFUSED)).as("a second decision").isFalse();
        assertThat(deciding.cancellations.get()).isZero();
    }

    @Test
    void client_leavesBeforeTheDecision_cancelsItAndALateGrantIsGivenBackOnce() throws Exception {
        said = List.of("data: a\n\n");
        admission = deciding;
        Asker asker;
        try (Socket leaving = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort())) {
            leaving.getOutputStream()
                    .write(
                            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx"
                                    .getBytes(StandardCharsets.US_ASCII));
            asker = deciding.asker();
        }
        assertAllOver();
        assertThat(deciding.cancellations.get()).isEqualTo(1);
        var granted = new RecordingListener();
        assertThat(asker.answer(new Admitted(granted, List.of()))).isTrue();
        assertThat(asker.answer(new Admitted(granted, List.of()))).isFalse();
        assertThat(granted.ended(Outcome.CLIENT_GONE)).isEqualTo(1);
        assertThat(upstream.isStarted()).isFalse();
    }

    @Test
    void server_drainsBeforeTheDecision_is503AndCancelsIt() throws Exception {
        said = List.of("data: a\n\n");
        admission = deciding;
        CompletableFuture<HttpResponse<String>> answer = postAsync("a request");
        deciding.asker();
        streams.drain(Duration.ZERO);
        assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
        assertEnded("draining");
        assertThat(deciding.cancellations.get()).isEqualTo(1);
        assertThat(upstream.isStarted()).isFalse();
    }

    @Test
    void admission_throws_is500AndNothingIsAskedUpstream() throws Exception {
        said = List.of("data: a\n\n");
        admission = (stream, asked) -> {
            throw new IllegalStateException("by the test");
        };
        HttpResponse<String> answer = post("text/plain", "x");
        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).contains("\"internal_error\"").doesNotContain("by the test");
        assertEnded("internal_error");
        assertThat(upstream.isStarted()).isFalse();
    }

    private void assertAllOver() {
        Eventually.until("the stream has ended", PATIENCE, () -> totals.open() == 0 && ended.size() == 1);
        assertThat(budget.heldBytes()).isZero();
        Eventually.until("no lease is open", PATIENCE, () -> leases.open() == 0);
    }

    private CompletableFuture<HttpResponse<String>> postAsync(String body) {
        HttpRequest request = HttpRequest.newBuilder(uri())
                .header("Content-Type", "text/plain")
                .timeout(PATIENCE)
                .POST(BodyPublishers.ofString(body))
                .build();
        return client.sendAsync(request, BodyHandlers.ofString());
    }

    private void assertEnded(String code) {
        Eventually.until("the stream has ended", PATIENCE, () -> totals.open() == 0 && ended.size() == 1);
        assertThat(totals.ended(Outcome.REFUSED)).isEqualTo(1);
        assertThat(ended.get(0).summary.failure()).isNotNull().satisfies(failure -> assertThat(failure.code())
                .isEqualTo(code));
        assertThat(ended.get(0).opened.caller()).isEqualTo(ADA);
        assertThat(budget.heldBytes()).isZero();
        Eventually.until("no lease is open", PATIENCE, () -> leases.open() == 0);
    }

    private StreamListener opened(Opened stream) {
        return new StreamListener() {
            @Override
            public void ended(StreamSummary summary) {
                ended.add(new Ended(stream, summary));
            }
        };
    }

    private HttpResponse<String> post(String type, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri())
                .header("Content-Type", type)
                .timeout(PATIENCE)
                .POST(BodyPublishers.ofString(body))
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private URI uri() {
        return URI.create("http://127.0.0.1:" + connector.getLocalPort() + "/");
    }

    /** A decision that the test makes. One request. */
    private static final class Deciding implements Admission, Pending {
        private final CompletableFuture<Asker> asker = new CompletableFuture<>();
        private final AtomicInteger cancellations = new AtomicInteger();

        /** Waits until {@code begin} is called. */
        Asker asker() throws Exception {
            return asker.get(20, TimeUnit.SECONDS);
        }

        @Override
        public Reply ask(Opened stream, Asked asked) {
            return this;
        }

        @Override
        public void begin(Asker who) {
            assertThat(asker.complete(who)).as("begun once").isTrue();
        }

        @Override
        public void cancel() {
            cancellations.incrementAndGet();
        }
    }

    private record Ended(Opened opened, StreamSummary summary) {}

    private static final class Unreadable extends HttpServletRequestWrapper {
        Unreadable(HttpServletRequest request) {
            super(request);
        }

        @Override
        public ServletInputStream getInputStream() {
            return new ServletInputStream() {
                @Override
                public boolean isFinished() {
                    return false;
                }

                @Override
                public boolean isReady() {
                    return false;
                }

                @Override
                public void setReadListener(ReadListener listener) {
                    throw new IllegalStateException("by the test");
                }

                @Override
                public int read() {
                    throw new IllegalStateException("by the test");
                }

                @Override
                public int read(byte[] bytes, int offset, int length) {
                    throw new IllegalStateException("by the test");
                }
            };
        }
    }

    /** An endpoint that reads plain text and then fails, or has an upstream that answers. */
    private final class Failing implements Endpoint {
        @Override
        public String name() {
            return "failing";
        }

        @Override
        public List<Field> limitHeaders(List<Field> fields) {
            if (fields.equals(NO_MEMORY)) {
                throw new OutOfMemoryError("by the test");
            }
            return fields;
        }

        @Override
        public @Nullable Failure refusal(@Nullable String contentType) {
            return "text/plain".equals(contentType) ? null : Failure.invalid(415, "unsupported", "Text only.", null);
        }

        @Override
        public Opening read(HttpServletRequest request, byte[] body, int length, Allowance allowed, Held held)
                throws InvalidRequestException {
            if (!said.isEmpty()) {
                var answering = new FakeUpstream();
                said.forEach(piece -> answering.give(piece.getBytes(StandardCharsets.US_ASCII)));
                upstream = answering;
                return new Opening(answering, new PlainTranslator(true), "m", true, 7L, sentBytes);
            }
            held.work(1_000);
            if (fault instanceof Error error) {
                throw error;
            }
            if (fault instanceof InvalidRequestException refused) {
                throw refused;
            }
            throw (RuntimeException) fault;
        }
    }
}
