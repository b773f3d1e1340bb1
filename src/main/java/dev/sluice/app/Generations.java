package dev.sluice.app;

import dev.sluice.app.Current.Held;
import dev.sluice.config.Settings;
import dev.sluice.config.SettingsException;
import dev.sluice.observe.UpstreamNumbers;
import jakarta.servlet.ServletRequest;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The current generation, and those before it that streams still use. One that was replaced is closed when its last stream
 * has ended, by a thread of ours, for that may block.
 */
final class Generations {
    private static final Logger LOG = LoggerFactory.getLogger(Generations.class);

    private static final String ATTRIBUTE = "dev.sluice.generation";

    private final Common common;
    private final LastingSettings lasting;
    private final Providers providers;
    private final Current<Generation> current;

    /** Those that are not closed yet, the current one among them. */
    private final Set<Generation> open = ConcurrentHashMap.newKeySet();

    /** Those that nobody uses, and that are to be closed. */
    private final Queue<Generation> unused = new ConcurrentLinkedQueue<>();

    private final ThreadPoolExecutor closer;

    /** Guarded by this. */
    private boolean stopped;

    /**
     * The first generation, which is not started yet.
     *
     * @throws SettingsException with every fault that only here can be found
     */
    Generations(Settings settings, Common common) {
        this.common = common;
        this.lasting = LastingSettings.of(settings);
        this.providers =
                new Providers(new ProviderFactory(common), common.dialects().ownFields());
        Generation first = new Generation(settings, common, providers, false);
        open.add(first);
        this.current = new Current<>(first, this::retire);
        this.closer = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "sluice-close");
            thread.setDaemon(true);
            return thread;
        });
        closer.allowCoreThreadTimeOut(true);
        closer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy()); // the stop closes all
    }

    /**
     * Call once, before anything else; may block.
     *
     * @throws Exception if the first generation cannot be started
     */
    void start() throws Exception {
        current.get().start();
    }

    /** The newest, for a look at it. Any thread. */
    Generation current() {
        return current.get();
    }

    /** What metrics show of the upstreams of all generations. Any thread. */
    List<UpstreamNumbers> numbers() {
        return providers.numbers();
    }

    /** For as long as the lease is open: the one that {@link #keepFor} has found for the request, else the newest. */
    Held<Generation> lease(ServletRequest request) {
        if (request.getAttribute(ATTRIBUTE) instanceof Kept kept && kept.by == this) {
            Held<Generation> same = kept.lease.tryShare();
            if (same != null) {
                return same;
            }
        }
        return current.lease();
    }

    /**
     * As {@link #lease}; and whoever asks for the request's generation, before this lease is closed, is given the same. By
     * the thread of the request's dispatch.
     */
    Held<Generation> keepFor(ServletRequest request) {
        Held<Generation> lease = lease(request);
        // Never removed: when the dispatch is over, another thread may use the request already.
        request.setAttribute(ATTRIBUTE, new Kept(this, lease));
        return lease;
    }

    /**
     * Puts a generation made from other settings in the place of the current one, for all requests that come from now on.
     * If that cannot be done, everything stays as it is. Any thread that may block.
     *
     * @return the names of settings that differ and take effect with the next start only
     * @throws SettingsException with every fault that is found in the settings
     * @throws IllegalStateException if the new generation could not be started, or the application has stopped
     */
    synchronized List<String> replace(Settings settings) {
        if (stopped) {
            throw new IllegalStateException("Sluice has stopped");
        }
        Generation next = new Generation(settings, common, providers, current().isReady());
        open.add(next);
        try {
            next.start();
        } catch (Exception | Error e) { // such as the one for want of threads
            close(next);
            throw new IllegalStateException("The new settings could not be put in place: the old ones stay", e);
        }
        common.bodies().limitTo(settings.body().maxTotalBytes());
        current.replace(next);
        return lasting.changedIn(settings);
    }

    /** Closes all generations, used or not, and leaves no thread behind. May block. */
    synchronized void stop() throws InterruptedException, TimeoutException {
        stopped = true;
        open.forEach(this::close);
        closer.shutdown();
        if (!closer.awaitTermination(5, TimeUnit.SECONDS)) {
            throw new TimeoutException("A generation is still being closed");
        }
    }

    /** By whoever was the last to use it. */
    private void retire(Generation generation) {
        unused.add(generation);
        try {
            closer.execute(this::closeUnused);
        } catch (OutOfMemoryError noThread) {
            LOG.warn("No thread could be had to close an old generation: it is closed with the next one");
        }
    }

    private void closeUnused() {
        for (Generation next = unused.poll(); next != null; next = unused.poll()) {
            close(next);
        }
    }

    private void close(Generation generation) {
        generation.close();
        open.remove(generation);
    }

    private record Kept(Generations by, Held<Generation> lease) {}
}
