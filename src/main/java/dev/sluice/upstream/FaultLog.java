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
 * Logs the faults of one provider: one line for each fault with its cause and its remedy. While it lasts, the line is
 * repeated at most once a minute, with the number of further calls that have failed. When the provider answers again, one
 * more line says so. Any thread may call all methods; none waits for the log.
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

    /** Whether the last line reports a fault. Written with the lock of counts held. */
    private volatile boolean isFaultLogged;

    /** How often one fault has occurred. Guarded by counts. */
    private static final class Count {
        private long all;
        private long logged; // how many of them the lines so far report
        private long loggedAt; // the time of the last line, by the clock, in nanoseconds
    }

    /**
     * A log without lines.
     *
     * @param provider the provider's name and URL
     * @param settings the prefix of the names of its settings
     * @param words removes keys from what is logged
     * @param writer writes the lines, because a log may block
     */
    FaultLog(String provider, String settings, ProviderWords words, Clock clock, Executor writer) {
        this.provider = provider;
        this.settings = settings;
        this.words = words;
        this.clock = clock;
        this.writer = writer;
    }

    /** A call has failed by this fault. {@code cause} has details of it; it may be empty. */
    void failed(Fault fault, String cause) {
        long now = clock.nanoTime();
        long since;
        long more;
        synchronized (counts) {
            Count count = counts.computeIfAbsent(fault, first -> new Count());
            boolean first = count.all == 0;
            count.all++;
            if (!first && now - count.loggedAt < PAUSE_NANOS) {
                return;
            }
            since = first ? 0 : now - count.loggedAt;
            more = count.all - count.logged - 1;
            count.logged = count.all;
            count.loggedAt = now;
            isFaultLogged = true;
        }
        String line = line(fault, cause, more, since);
        writer.execute(() -> LOG.warn(line));
    }

    /** A call was answered. Each answered call calls this, so it reads one field if no fault is logged. */
    void answered() {
        if (!isFaultLogged) {
            return;
        }
        long more = 0;
        synchronized (counts) {
            if (!isFaultLogged) {
                return;
            }
            isFaultLogged = false;
            for (Count count : counts.values()) {
                more += count.all - count.logged;
                count.logged = count.all;
            }
        }
        String line = "The upstream " + provider + " answers again"
                + (more == 0 ? "." : "; in the meantime " + calls(more) + " failed.");
        writer.execute(() -> LOG.info(line));
    }

    /** The number of calls that have failed by this fault since the start. */
    long count(Fault fault) {
        synchronized (counts) {
            Count count = counts.get(fault);
            return count == null ? 0 : count.all;
        }
    }

    private String line(Fault fault, String cause, long more, long since) {
        String known = words.quote(cause).replaceFirst("\\.$", "");
        return "The upstream " + provider + ": " + fault.description()
                + (known.isEmpty() ? "" : " (" + bounded(known) + ")") + ". " + fault.remedy(settings)
                + (more == 0
                        ? ""
                        : " In the " + Duration.ofNanos(since).toSeconds() + " s since the last such message "
                                + calls(more) + " failed in the same way.");
    }

    private static String calls(long number) {
        return number == 1 ? "1 more call has" : number + " more calls have";
    }

    private static String bounded(String text) {
        return text.length() <= LONGEST_CAUSE ? text : text.substring(0, LONGEST_CAUSE) + "…";
    }

    /** The class and message of the innermost cause that has a message. */
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
