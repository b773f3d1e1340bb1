package dev.sluice.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dialect.Passed;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.dialect.openai.ChatCompletions;
import dev.sluice.interleaving.Interleavings;
import dev.sluice.interleaving.Play;
import dev.sluice.relay.Clock;
import dev.sluice.relay.UpstreamTimeouts;
import java.io.EOFException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.Retainable;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/**
 * One call to a provider without a network. Its threads are the stream's, a client's that leaves, the HTTP client's and
 * the clock's. The play keeps the guarantees of Jetty's client, and checks that its rules are obeyed.
 */
public final class CallPlay implements Play {
    /** What the provider does, and which other events may happen meanwhile. */
    public enum Scene {
        WHOLE(Provides.EVENTS),
        WHOLE_IN_THE_STREAMS_OWN_THREAD(Provides.EVENTS, May.CALL_BACK_AT_ONCE),
        WHOLE_THEN_SOMETHING(Provides.EVENTS_AND_MORE),
        WHOLE_WHILE_MORE_IS_ASKED_FOR(Provides.EVENTS, May.END_WITHOUT_LAST_WORD),
        WHOLE_WITHOUT_END(Provides.EVENTS_WITHOUT_END, May.TIME_PASS),
        LEFT(Provides.EVENTS, May.LEAVE),
        LEFT_AND_TOLD_AT_ONCE(Provides.ONE_EVENT, May.LEAVE, May.CALL_BACK_AT_ONCE),
        LATE(Provides.ONE_EVENT, May.TIME_PASS),
        BROKEN_OFF(Provides.HALF),
        REFUSED(Provides.REFUSAL),
        REFUSED_AND_LEFT(Provides.REFUSAL, May.LEAVE),
        REFUSED_AND_LATE(Provides.REFUSAL, May.TIME_PASS),
        STALE(Provides.STALE_THEN_EVENTS),
        STALE_AND_LEFT(Provides.STALE_THEN_EVENTS, May.LEAVE),
        STALE_AND_LATE(Provides.STALE_THEN_EVENTS, May.TIME_PASS);

        private final Provides provides;
        private final boolean leaves;
        private final boolean endsWithoutLastWord;
        private final boolean timePasses;
        private final boolean callsBackAtOnce;

        Scene(Provides provides, May... may) {
            this.provides = provides;
            List<May> all = List.of(may);
            this.leaves = all.contains(May.LEAVE);
            this.endsWithoutLastWord = all.contains(May.END_WITHOUT_LAST_WORD);
            this.timePasses = all.contains(May.TIME_PASS);
            this.callsBackAtOnce = all.contains(May.CALL_BACK_AT_ONCE);
        }

        /** Three threads with two alarms have too many orders with two preemptions. */
        int preemptions() {
            return this == REFUSED_AND_LATE ? 1 : 2;
        }
    }

    private enum Provides {
        EVENTS(null, "ab", "a,b"),
        EVENTS_AND_MORE(null, "ab", "a,b,c"),
        EVENTS_WITHOUT_END(null, "ab", "a,b"),
        ONE_EVENT(null, "ab", "ab"),
        HALF(RetryClass.LOST, "a", "a"),
        REFUSAL(RetryClass.BUSY, "", "no"),
        STALE_THEN_EVENTS(null, "ab", "ab");

        // The result for the stream if nothing else happens.
        private final @Nullable RetryClass failure;
        private final String text;

        private final String chunks; // separated by commas

        Provides(@Nullable RetryClass failure, String text, String chunks) {
            this.failure = failure;
            this.text = text;
            this.chunks = chunks;
        }
    }

    private enum May {
        LEAVE,
        END_WITHOUT_LAST_WORD,
        TIME_PASS,
        CALL_BACK_AT_ONCE
    }

    private static final Duration LONG = Duration.ofMinutes(1);

    /**
     * It is not started and sends nothing. It is made only once, because that is slow; between plays its only state is
     * its number of open calls.
     */
    private static final SwitchedClock CLOCK = new SwitchedClock();

    private static final HttpProvider PROVIDER = new HttpProvider(
            new Provider.Profile(
                    "main",
                    10,
                    new UpstreamTimeouts(LONG, LONG, LONG, LONG),
                    true,
                    false,
                    RequestDefaults.NONE,
                    Set.of("chat-completions")),
            URI.create("http://127.0.0.1:1/v1"),
            null,
            ListRequest.PLAIN,
            new ProviderWords(List.of()),
            new ScheduledThreadPoolExecutor(0),
            CLOCK,
            line -> {});

    private final Scene scene;
    private final PlayedClock clock = new PlayedClock();
    private final List<Exchange> exchanges = new ArrayList<>();
    private final CallRig.Heard heard = new CallRig.Heard();
    private final UpstreamCall call;
    private int chunks; // the chunks that were not yet released
    private @Nullable Promise<Connection> connecting;
    private boolean connectionIsOpen;
    private boolean woken;
    private boolean left;
    private boolean isEnough; // whether the stream cancels the answer before its end
    private @Nullable String ended; // how the call has ended for the stream
    private @Nullable RetryClass failed; // the class of the failure, which decides about a retry

    /** @param scene the name of a scene; its enum is not the one of the class loader that calls this */
    public CallPlay(String scene) {
        this.scene = Scene.valueOf(scene);
        CLOCK.now = clock;
        var body = new HeldBody(target -> List.of(ByteBuffer.wrap("{}".getBytes(UTF_8))), () -> {});
        var sending = new UpstreamRequest(new ChatCompletions(), body, Passed.NONE, true);
        this.call = new UpstreamCall(PROVIDER, new PlayedRequests(), new Target(PROVIDER, null), sending);
    }

    @Override
    public Map<String, Runnable> threads() {
        Map<String, Runnable> threads = new LinkedHashMap<>();
        threads.put("stream", this::stream);
        threads.put("client", this::client);
        if (scene.leaves) {
            threads.put("leaver", () -> {
                Interleavings.step("the client leaves");
                left = true;
            });
        }
        if (scene.endsWithoutLastWord) {
            threads.put("grace", () -> {
                Interleavings.step("the wait for the last word is over");
                isEnough = true;
            });
        }
        if (scene.timePasses) {
            threads.put("clock", clock::goOff);
        }
        return threads;
    }

    @Override
    public void check() {
        assertThat(ended).as("how the stream ended").isNotNull();
        assertThat(PROVIDER.openCalls()).as("open calls").isZero();
        assertThat(clock.alarms).as("alarms left behind").isEmpty();
        assertThat(chunks).as("chunks that were not released").isZero();
        assertThat(connectionIsOpen)
                .as("the connection of the second attempt is open")
                .isFalse();
        for (Exchange exchange : exchanges) {
            assertThat(!exchange.sent || exchange.completed)
                    .as("an exchange goes on")
                    .isTrue();
        }
        if (!scene.leaves && !scene.endsWithoutLastWord && !scene.timePasses) {
            assertThat(ended).isEqualTo(scene.provides.failure == null ? "finished" : "failed");
            assertThat(heard.bytes.toString(UTF_8)).isEqualTo(scene.provides.text);
            assertThat(failed).isEqualTo(scene.provides.failure);
            assertThat(exchanges.get(exchanges.size() - 1).aborted)
                    .as("the connection was lost")
                    .isFalse();
        }
    }

    // ---- The stream, as the loop runs it.

    private void stream() {
        call.start(() -> woken = true);
        while (ended == null) {
            woken = false;
            if (left) {
                call.cancel();
                ended = "cancelled";
                return;
            }
            if (isEnough()) {
                call.finish();
                ended = "finished";
                return;
            }
            switch (call.read(heard)) {
                case BYTES -> {
                    if (heard.fedBytes() == 2) { // this is the end of the answer
                        call.finish();
                        ended = "finished";
                    }
                }
                case END -> {
                    call.finish();
                    ended = "finished";
                }
                case FAILED -> {
                    failed = call.retryClass();
                    call.cancel();
                    ended = "failed";
                }
                case NOTHING -> {
                    call.demand();
                    if (!Interleavings.await(() -> woken || left || isEnough())) {
                        return; // it was not woken, which the check detects
                    }
                }
            }
        }
    }

    private boolean isEnough() {
        return isEnough && heard.fedBytes() > 0;
    }

    // ---- The HTTP client's thread.

    private void client() {
        while (Interleavings.await(
                () -> connecting != null || exchanges.stream().anyMatch(Exchange::hasMore))) {
            Promise<Connection> promise = connecting;
            if (promise != null) {
                connecting = null;
                connectionIsOpen = true;
                promise.succeeded(exchanges.get(exchanges.size() - 1).connection);
                continue;
            }
            exchanges.stream().filter(Exchange::hasMore).findFirst().ifPresent(Exchange::goOn);
        }
    }

    private final class PlayedRequests implements HttpRequests {
        @Override
        public Request completion(Target target, UpstreamRequest sending) {
            Exchange exchange = new Exchange();
            exchanges.add(exchange);
            return exchange.request;
        }

        @Override
        public void connect(Request request, Promise<Connection> whenMade) {
            connecting = whenMade;
        }

        @Override
        public boolean isFirstUse(Connection connection) {
            return exchanges.size() == 2;
        }
    }

    /** One request and its answer, with the events of Jetty's client in its order. */
    private final class Exchange {
        private final Request request = proxy(Request.class, (self, method, arguments) -> switch (method.getName()) {
            case "onRequestBegin", "onRequestCommit" -> {
                listener = (HttpExchange) arguments[0];
                yield self;
            }
            case "send" -> {
                send();
                yield null;
            }
            case "abort" -> abort((Throwable) arguments[0]);
            case "getConnection" -> connectionOf();
            default -> throw new UnsupportedOperationException(method.toString());
        });
        private final Connection connection =
                proxy(Connection.class, (self, method, arguments) -> switch (method.getName()) {
                    case "send" -> {
                        send();
                        yield null;
                    }
                    case "close" -> {
                        connectionIsOpen = false;
                        var unused = abort(new EOFException("closed"));
                        yield null;
                    }
                    case "getSslSessionData" -> null;
                    case "hashCode" -> System.identityHashCode(self);
                    case "equals" -> self == arguments[0];
                    default -> throw new UnsupportedOperationException(method.toString());
                });
        private final Response response = proxy(Response.class, (self, method, arguments) -> switch (method.getName()) {
            case "getStatus" -> scene.provides == Provides.REFUSAL ? 503 : 200;
            case "getHeaders" -> HttpFields.build().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
            case "abort" -> abort((Throwable) arguments[0]);
            default -> throw new UnsupportedOperationException(method.toString());
        });
        private final Source source = new Source();
        private final Deque<Runnable> toCome = new ArrayDeque<>();
        private @Nullable HttpExchange listener;
        private boolean sent;
        private boolean begun;
        private @Nullable Throwable failure;
        private boolean aborted;
        private boolean busy; // an event is being handled
        private boolean completed;

        private @Nullable Connection connectionOf() {
            return begun ? connection : null;
        }

        private void send() {
            Interleavings.step("the request is sent");
            sent = true;
            if (failure != null) {
                return; // aborted before: Jetty reports that and sends nothing
            }
            HttpExchange to = attempt();
            toCome.add(() -> {
                begun = true;
                to.onBegin(request);
            });
            if (scene.provides == Provides.STALE_THEN_EVENTS && exchanges.size() == 1) {
                toCome.add(() -> failure = new EOFException("closed by the provider"));
                return;
            }
            toCome.add(() -> to.onCommit(request));
            toCome.add(() -> to.onBegin(response));
            toCome.add(() -> to.onContentSource(response, source));
            for (String text : scene.provides.chunks.split(",", -1)) {
                toCome.add(() -> source.comes(text, false));
            }
            if (scene.provides == Provides.HALF) {
                toCome.add(() -> failure = new EOFException("broken off by the provider"));
            } else if (scene.provides != Provides.EVENTS_WITHOUT_END) {
                toCome.add(() -> source.comes("", true));
            }
        }

        private CompletableFuture<Boolean> abort(Throwable cause) {
            Interleavings.step("abort");
            if (completed || failure != null) {
                return CompletableFuture.completedFuture(false);
            }
            aborted = true;
            failure = cause;
            if (scene.callsBackAtOnce && !busy && sent) {
                while (hasMore()) {
                    goOn();
                }
            }
            return CompletableFuture.completedFuture(true);
        }

        private HttpExchange attempt() {
            if (listener == null) {
                throw new AssertionError("nobody listens");
            }
            return listener;
        }

        boolean hasMore() {
            if (!sent || completed || busy) {
                return false;
            }
            return failure != null || !toCome.isEmpty() || source.hasDemandMet() || source.isReadToItsEnd();
        }

        /** The next event. */
        void goOn() {
            busy = true;
            try {
                if (source.hasDemandMet()) {
                    source.callBack();
                } else if (failure != null) {
                    completed = true;
                    if (aborted) {
                        source.throwAway();
                    }
                    attempt().onComplete(new Result(request, failure, response, failure));
                } else if (!toCome.isEmpty()) {
                    Interleavings.step("something comes");
                    toCome.remove().run();
                } else {
                    completed = true;
                    attempt().onComplete(new Result(request, response));
                }
            } finally {
                busy = false;
            }
        }

        /** The content. One thread at a time may read it, and none while a demand is outstanding. */
        private final class Source implements Content.Source {
            private final Deque<Content.Chunk> here = new ArrayDeque<>();
            private boolean reading;
            private boolean ended;
            private @Nullable Runnable demand;

            void comes(String text, boolean last) {
                chunks++;
                here.add(Content.Chunk.asChunk(ByteBuffer.wrap(text.getBytes(UTF_8)), last, new Counted()));
                if (scene.callsBackAtOnce && hasDemandMet()) {
                    callBack();
                }
            }

            boolean hasDemandMet() {
                return demand != null && (!here.isEmpty() || failure != null);
            }

            boolean isReadToItsEnd() {
                return ended;
            }

            void callBack() {
                Runnable demanded = demand;
                demand = null;
                if (demanded != null) {
                    Interleavings.step("the demand's callback");
                    demanded.run();
                }
            }

            @Override
            public Content.@Nullable Chunk read() {
                assertThat(reading).as("two threads read at once").isFalse();
                assertThat(demand).as("read while the client reads").isNull();
                reading = true;
                Interleavings.step("source.read");
                reading = false;
                if (failure != null && (aborted || here.isEmpty())) {
                    throwAway();
                    return Content.Chunk.from(failure);
                }
                Content.Chunk chunk = here.poll();
                if (chunk != null && chunk.isLast()) {
                    ended = true;
                }
                return chunk;
            }

            /** Releases the chunks that were not read, which is the client's task. */
            void throwAway() {
                here.forEach(Content.Chunk::release);
                here.clear();
            }

            @Override
            public void demand(Runnable callback) {
                assertThat(demand).as("demanded twice").isNull();
                assertThat(reading)
                        .as("demanded by one thread while another reads")
                        .isFalse();
                Interleavings.step("source.demand");
                demand = callback;
                boolean atOnce = completed || scene.callsBackAtOnce;
                if (atOnce && hasDemandMet()) {
                    callBack();
                }
            }

            @Override
            public void fail(Throwable cause) {
                var unused = abort(cause);
            }
        }
    }

    private final class Counted implements Retainable {
        private boolean released;

        @Override
        public boolean canRetain() {
            return true;
        }

        @Override
        public boolean release() {
            assertThat(released).as("a chunk was released twice").isFalse();
            released = true;
            chunks--;
            return true;
        }
    }

    // ---- The clock.

    /** Its alarms may run at any time, or never. */
    private static final class PlayedClock implements Clock {
        private final List<Entry> alarms = new ArrayList<>();

        private record Entry(Runnable task) {}

        @Override
        public long nanoTime() {
            return 1;
        }

        @Override
        public Alarm schedule(Runnable task, long nanos) {
            var entry = new Entry(task);
            Interleavings.step("an alarm is set");
            alarms.add(entry);
            Interleavings.step("an alarm was set");
            return () -> {
                Interleavings.step("an alarm is cancelled");
                alarms.remove(entry);
            };
        }

        void goOff() {
            while (Interleavings.await(() -> !alarms.isEmpty())) {
                Interleavings.step("an alarm goes off");
                if (!alarms.isEmpty()) {
                    alarms.remove(0).task.run();
                }
            }
        }
    }

    /** The provider's clock, which delegates to the clock of the current play. */
    private static final class SwitchedClock implements Clock {
        private volatile PlayedClock now = new PlayedClock();

        @Override
        public long nanoTime() {
            return now.nanoTime();
        }

        @Override
        public Alarm schedule(Runnable task, long nanos) {
            return now.schedule(task, nanos);
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
