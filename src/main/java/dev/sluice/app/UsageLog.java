package dev.sluice.app;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.relay.Account;
import dev.sluice.relay.Account.Answering;
import dev.sluice.relay.Outcome;
import dev.sluice.web.Ledger;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * One line of JSON for each stream that has ended: who was asked for what, how it ended, what it cost, how long it took.
 * Nothing of what was asked or answered.
 *
 * <p>A log may block, and streams must not: a thread of its own writes. What it cannot keep up with is dropped, counted,
 * and said.
 */
final class UsageLog implements Ledger {
    /** Directly: what slf4j adds for java.util.logging, a look at the stack, costs more than the line. */
    private static final Logger LOG = Logger.getLogger("dev.sluice.usage");

    private static final JsonFactory JSON = new JsonFactory();

    private static final int MOST_WAITING = 8192;

    /** Where many streams end, to wake the writer for each would cost more than the lines: it looks again by itself. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final int LONGEST_NAME = 200;

    private final ArrayBlockingQueue<Entry> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final LongAdder dropped = new LongAdder();
    private final Thread writer = new Thread(this::write, "sluice-usage");

    /** Set once, by whoever stops it. */
    private volatile boolean stopped;

    void start() {
        writer.setDaemon(true);
        writer.start();
    }

    @Override
    public void enter(Entry entry) {
        if (LOG.isLoggable(Level.INFO) && !waiting.offer(entry)) {
            dropped.increment();
        }
    }

    /** Streams whose lines were never written. Any thread. */
    long dropped() {
        return dropped.sum();
    }

    /** Writes what is left; leaves no thread behind. */
    void stop() throws InterruptedException {
        stopped = true;
        LockSupport.unpark(writer);
        writer.join(TimeUnit.SECONDS.toMillis(5));
    }

    private void write() {
        long told = 0;
        try {
            while (!stopped || !waiting.isEmpty()) {
                Entry entry = waiting.poll(200, TimeUnit.MILLISECONDS);
                if (entry == null) {
                    continue;
                }
                for (; entry != null; entry = waiting.poll()) {
                    log(entry);
                }
                long lost = dropped();
                if (lost > told) {
                    log(
                            Level.WARNING,
                            (lost - told) + " lines about streams were dropped: the log was too slow for them");
                    told = lost;
                }
                if (!stopped) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }

    /** An appender's fault must not cost the lines that follow. */
    private void log(Entry entry) {
        try {
            log(Level.INFO, line(entry));
        } catch (RuntimeException fault) {
            dropped.increment();
        }
    }

    private static void log(Level level, String text) {
        LogRecord line = new LogRecord(level, text);
        line.setLoggerName(LOG.getName());
        // Else some formatters look for them on the stack.
        line.setSourceClassName(UsageLog.class.getName());
        line.setSourceMethodName("log");
        LOG.log(line);
    }

    static String line(Entry entry) {
        Account account = entry.account();
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("event", "stream_ended");
            json.writeStringProperty("endpoint", entry.endpoint());
            json.writeStringProperty("model", bounded(entry.model()));
            json.writeBooleanProperty("streamed", entry.streamed());
            Answering answering = account.answering();
            json.writeStringProperty("upstream", answering == null ? null : answering.upstream());
            json.writeStringProperty("upstream_model", answering == null ? null : bounded(answering.model()));
            json.writeNumberProperty("attempts", answering == null ? 0 : answering.attempts());
            json.writeStringProperty("outcome", account.outcome().label());
            Failure failure = account.failure();
            json.writeStringProperty("error", failure == null ? null : failure.code());
            writeTokens(json, entry);
            writeMillis(json, "first_token_ms", account.firstToken());
            writeMillis(json, "duration_ms", account.duration());
            writeMillis(json, "paused_ms", account.paused());
            json.writeNumberProperty("bytes_in", account.bytesIn());
            json.writeNumberProperty("bytes_out", account.bytesOut());
            json.writeEndObject();
        }
        return text.toString();
    }

    /** As the provider counted; without its word, the pieces that came are counted, and said to be no more than that. */
    private static void writeTokens(JsonGenerator json, Entry entry) {
        Usage usage = entry.account().usage();
        json.writeObjectPropertyStart("tokens");
        // Some providers count as they go: what they said last is all only of a whole answer.
        json.writeBooleanProperty("partial", usage == null || entry.account().outcome() != Outcome.WHOLE);
        if (usage != null) {
            json.writeNumberProperty("prompt", usage.promptTokens());
            json.writeNumberProperty("completion", usage.completionTokens());
            json.writeNumberProperty("reasoning", usage.reasoningTokens());
            json.writeNumberProperty("output", usage.outputTokens());
            json.writeNumberProperty("total", usage.totalTokens());
        } else if (entry.streamed()) {
            json.writeNumberProperty("output", entry.account().tokens());
        }
        json.writeEndObject();
    }

    private static void writeMillis(JsonGenerator json, String name, @Nullable Duration time) {
        if (time == null) {
            json.writeNullProperty(name);
        } else {
            json.writeNumberProperty(name, time.toMillis());
        }
    }

    /** A client may call a model anything. */
    private static @Nullable String bounded(@Nullable String name) {
        return name == null || name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
    }
}
