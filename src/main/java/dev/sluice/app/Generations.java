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
 * The current generation, and replaced ones that streams still use. A replaced generation is closed when its last stream has
 * ended, on a thread of this class, because closing may block.
 */
final class Generations {
    private static final Logger LOG = LoggerFactory.getLogger(Generations.class);

    private static final String ATTRIBUTE = "dev.sluice.generation";

    private final Common common;
    private final LastingSettings lasting;
    private final Providers providers;
    private final Issuers issuers;
    private final Current<Generation> current;

    /** The generations that are not closed, with the current one. */
    private final Set<Generation> open = ConcurrentHashMap.newKeySet();

    /** Closes the generations that are no longer used. */
    private final Queue<Generation> unused = new ConcurrentLinkedQueue<>();

    private final ThreadPoolExecutor closer;

    /** Guarded by this. */
    private boolean stopped;

    /**
     * With the first generation, which is not started.
     *
     * @throws SettingsException with every fault that the settings' reader does not check
     */
    Generations(Settings settings, Common common) {
        this.common = common;
        this.lasting = LastingSettings.of(settings);
        this.providers = new Providers(new ProviderFactory(common), common.dialects());
        this.issuers = new Issuers(common);
        Generation first = new Generation(settings, common, providers, issuers, false);
        open.add(first);
        this.current = new Current<>(first, this::retire);
        this.closer = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "sluice-close");
            thread.setDaemon(true);
            return thread;
        });
        closer.allowCoreThreadTimeOut(true);
        closer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy()); // stop() closes all generations
    }

    /**
     * Starts the first generation. Called once, before any other method; may block.
     *
     * @throws Exception if the first generation cannot be started
     */
    void start() throws Exception {
        current.get().start();
    }

    /** The current generation, without a lease. Any thread may call it. */
    Generation current() {
        return current.get();
    }

    /** The numbers of the upstreams of all generations, for the metrics. Any thread may call it. */
    List<UpstreamNumbers> numbers() {
        return providers.numbers();
    }

    /** A lease of the generation that {@link #keepFor} has bound to the request, or else of the current one. */
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
     * As {@link #lease}; it also binds the generation to the request, until this lease is closed. Called by the thread of the
     * request's dispatch.
     */
    Held<Generation> keepFor(ServletRequest request) {
        Held<Generation> lease = lease(request);
        // The attribute is never removed, because after the dispatch another thread may use the request.
        request.setAttribute(ATTRIBUTE, new Kept(this, lease));
        return lease;
    }

    /**
     * Replaces the current generation by one from other settings, for all later requests. If that fails, nothing changes. It may
     * block; any thread may call it.
     *
     * @return the names of changed settings that take effect at the next start only
     * @throws SettingsException with every fault of the settings
     * @throws IllegalStateException if the new generation could not be started, or the application has stopped
     */
    synchronized List<String> replace(Settings settings) {
        if (stopped) {
            throw new IllegalStateException("Sluice has stopped");
        }
        Generation next =
                new Generation(settings, common, providers, issuers, current().isReady());
        open.add(next);
        try {
            next.start();
        } catch (Exception | Error e) { // for example if no thread can be created
            close(next);
            throw new IllegalStateException("The new settings could not be put in place: the old ones stay", e);
        }
        common.bodies().limitTo(settings.body().maxTotalBytes());
        current.replace(next);
        return lasting.changedIn(settings);
    }

    /** Closes all generations, even used ones, and ends the thread. May block. */
    synchronized void stop() throws InterruptedException, TimeoutException {
        stopped = true;
        open.forEach(this::close);
        closer.shutdown();
        if (!closer.awaitTermination(5, TimeUnit.SECONDS)) {
            throw new TimeoutException("A generation is still being closed");
        }
    }

    /** Called by the thread of the last user of a replaced generation. */
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
