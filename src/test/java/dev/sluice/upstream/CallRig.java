package dev.sluice.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.Passed;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.dialect.openai.ChatCompletions;
import dev.sluice.it.ScriptedUpstream;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream.Reading;
import dev.sluice.relay.UpstreamTimeouts;
import dev.sluice.sse.SseEncoder;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Calls to a scripted provider over real sockets, read as a stream reads them. For one thread. */
final class CallRig {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    final ScriptedUpstream upstream = ScriptedUpstream.start();
    final HttpProvider provider;
    private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);

    CallRig() throws Exception {
        provider = new HttpProvider(
                new Provider.Profile(
                        "main",
                        10,
                        new UpstreamTimeouts(PATIENCE, PATIENCE, PATIENCE, PATIENCE),
                        true,
                        false,
                        RequestDefaults.NONE,
                        Set.of("chat-completions")),
                upstream.url(),
                null,
                ListRequest.PLAIN,
                new ProviderWords(List.of()),
                scheduler,
                clock(),
                Runnable::run);
        provider.start();
    }

    private Clock clock() {
        return new Clock() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public Alarm schedule(Runnable task, long nanos) {
                ScheduledFuture<?> due = scheduler.schedule(task, nanos, TimeUnit.NANOSECONDS);
                return () -> due.cancel(false);
            }
        };
    }

    /** Starts a call that the script answers. */
    Call call(boolean streams, ScriptedUpstream.Script script) {
        upstream.script(script);
        HeldBody body = new HeldBody(target -> List.of(ByteBuffer.wrap("{}".getBytes(UTF_8))), () -> {});
        return new Call(new UpstreamCall(
                provider,
                provider,
                new Target(provider, null),
                new UpstreamRequest(new ChatCompletions(), body, Passed.NONE, streams)));
    }

    void stop() throws Exception {
        provider.stop();
        upstream.close();
        scheduler.shutdownNow();
    }

    /** One call, and the part of its answer that was read. */
    static final class Call implements AutoCloseable {
        final UpstreamCall upstream;
        private final Semaphore woken = new Semaphore(0);
        private final Heard heard = new Heard();
        private boolean ended;

        private Call(UpstreamCall upstream) {
            this.upstream = upstream;
            upstream.start(woken::release);
        }

        /** Reads to the end. Returns how the answer has ended. */
        Reading toTheEnd() throws InterruptedException {
            return read(-1);
        }

        /** Reads until this text was received. */
        String until(String text) throws InterruptedException {
            read(text.getBytes(UTF_8).length);
            return text();
        }

        Failure failure() throws InterruptedException {
            Reading end = toTheEnd();
            if (end != Reading.FAILED) {
                throw new AssertionError("No failure but " + end + " after " + text());
            }
            return upstream.failure();
        }

        String text() {
            return heard.bytes.toString(UTF_8);
        }

        long mostAtOnce() {
            return heard.most;
        }

        private Reading read(int enough) throws InterruptedException {
            while (enough < 0 || heard.bytes.size() < enough) {
                Reading reading = upstream.read(heard);
                switch (reading) {
                    case BYTES -> {}
                    case END, FAILED -> {
                        ended = reading == Reading.END;
                        return reading;
                    }
                    case NOTHING -> {
                        woken.drainPermits();
                        upstream.demand();
                        if (!woken.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                            throw new AssertionError("Nothing came behind: " + text());
                        }
                    }
                }
            }
            return Reading.BYTES;
        }

        @Override
        public void close() {
            if (ended) {
                upstream.finish();
            } else {
                upstream.cancel();
            }
        }
    }

    /** Keeps the bytes that it gets, up to a limit. */
    static final class Heard implements Translator {
        private static final int KEPT = 4 << 20;

        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long most;
        private long fed;

        @Override
        public void feed(ByteBuffer more) {
            most = Math.max(most, more.remaining());
            fed += more.remaining();
            byte[] copy = new byte[more.remaining()];
            more.get(copy);
            if (bytes.size() < KEPT) {
                bytes.writeBytes(copy);
            }
        }

        @Override
        public String contentType() {
            return "";
        }

        @Override
        public boolean takesComments() {
            return false;
        }

        @Override
        public Meaning translate(SseEncoder out) {
            return Meaning.NOTHING;
        }

        @Override
        public Failure failure() {
            throw new IllegalStateException();
        }

        @Override
        public @Nullable Failure ends(@Nullable Failure reason, SseEncoder out) {
            return reason;
        }

        @Override
        public void done(SseEncoder out) {}

        @Override
        public void brokenOff(Failure failure, SseEncoder out) {}

        @Override
        public long fedBytes() {
            return fed;
        }

        @Override
        public int heldBytes() {
            return 0;
        }

        @Override
        public @Nullable Usage usage() {
            return null;
        }
    }
}
