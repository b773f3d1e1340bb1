package dev.sluice.upstream;

import dev.sluice.dialect.ProviderWords;
import dev.sluice.relay.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator what keeps a provider from answering: each fault in one line with its cause and its remedy, and then
 * no more than once a minute, with the number of calls that have failed so since. When the provider answers again, one
 * more line says so. All methods may be called by any thread, and none waits for the log.
 */
final class FaultLog {
    private static final Logger LOG = LoggerFactory.getLogger(FaultLog.class);

    private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int LONGEST_CAUSE = 300;

    private final String provider;
    private final String settings;
    private final ProviderWords words;
    private final Clock clock;
    private final Executor writer;

    /** Guarded by itself. */
    private final Map<Fault, Count> counts = new EnumMap<>(Fault.class);

    /** Whether a line has said that it does not answer, and none since that it does. Written under the lock of counts. */
    private volatile boolean told;

    private static final class Count {
        private long all;
        private long toldOf;
        private long toldAt;
    }

    /**
     * Nothing is told yet.
     *
     * @param provider its name and where it is
     * @param settings the beginning of the names of its settings
     * @param words keep keys out of the log
     * @param writer writes the lines, for a log may block
     */
    FaultLog(String provider, String settings, ProviderWords words, Clock clock, Executor writer) {
        this.provider = provider;
        this.settings = settings;
        this.words = words;
        this.clock = clock;
        this.writer = writer;
    }

    /** A call has failed so. {@code cause} is what more is known of it, empty if nothing is. */
    void failed(Fault fault, String cause) {
        long now = clock.nanoTime();
        long since;
        long more;
        synchronized (counts) {
            Count count = counts.computeIfAbsent(fault, first -> new Count());
            boolean first = count.all == 0;
            count.all++;
            if (!first && now - count.toldAt < PAUSE_NANOS) {
                return;
            }
            since = first ? 0 : now - count.toldAt;
            more = count.all - count.toldOf - 1;
            count.toldOf = count.all;
            count.toldAt = now;
            told = true;
        }
        String line = line(fault, cause, more, since);
        writer.execute(() -> LOG.warn(line));
    }

    /** A call was answered. Called with each: it has to cost nothing. */
    void answered() {
        if (!told) {
            return;
        }
        long more = 0;
        synchronized (counts) {
            if (!told) {
                return;
            }
            told = false;
            for (Count count : counts.values()) {
                more += count.all - count.toldOf;
                count.toldOf = count.all;
            }
        }
        String line = "The upstream " + provider + " answers again"
                + (more == 0 ? "." : "; meanwhile " + calls(more) + " had failed.");
        writer.execute(() -> LOG.info(line));
    }

    /** Calls that have failed so since the start. */
    long count(Fault fault) {
        synchronized (counts) {
            Count count = counts.get(fault);
            return count == null ? 0 : count.all;
        }
    }

    private String line(Fault fault, String cause, long more, long since) {
        String known = words.quote(cause).replaceFirst("\\.$", "");
        return "The upstream " + provider + ": " + fault.words()
                + (known.isEmpty() ? "" : " (" + bounded(known) + ")") + ". " + fault.remedy(settings)
                + (more == 0
                        ? ""
                        : " So failed " + calls(more) + " in the "
                                + Duration.ofNanos(since).toSeconds() + " s since this was last told.");
    }

    private static String calls(long number) {
        return number + (number == 1 ? " more call" : " more calls");
    }

    private static String bounded(String text) {
        return text.length() <= LONGEST_CAUSE ? text : text.substring(0, LONGEST_CAUSE) + "…";
    }

    /** What an exception says of the cause: the deepest one that says anything knows it best. */
    static String cause(@Nullable Throwable failure) {
        String best = "";
        int depth = 0;
        for (Throwable t = failure; t != null && depth < 20; t = t.getCause() == t ? null : t.getCause()) {
            if (t.getMessage() != null && !t.getMessage().isBlank()) {
                best = t.getClass().getSimpleName() + ": " + t.getMessage();
            }
            depth++;
        }
        return best;
    }
}
