package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.ModelList.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One provider's models, asked for when somebody wants them and kept for a while. A list that has grown old is still
 * handed out, while a new one is asked for; a failure to get that leaves the old one in place. All methods may be called
 * by any thread, and none blocks.
 */
public final class ModelCatalog {
    private static final Logger LOG = LoggerFactory.getLogger(ModelCatalog.class);

    /** Readers that may wait for one answer. */
    static final int MOST_WAITING = 1_000;

    /** How long a failure stands for an answer, so that a flood of requests is none upstream. */
    private static final Duration FAILURE_KEPT = Duration.ofSeconds(1);

    private final Provider provider;
    private final String name;
    private final long maxAge;
    private final long retryAfter;

    // Guarded by `waiting`, as are its members; held for a look only.
    private final List<Consumer<Answer>> waiting = new ArrayList<>();
    private boolean asking;
    private @Nullable ModelList list;
    private long listedAt;
    private @Nullable Failure failure; // of the latest call, if it failed
    private long failedAt;

    /**
     * @param name what the provider is called, for those of its models that do not say whose they are
     * @param maxAge how long a list counts as new; after a failure it is asked for again after a tenth of that, or a
     *     second if that is longer
     */
    public ModelCatalog(Provider provider, String name, Duration maxAge) {
        this.provider = provider;
        this.name = name;
        this.maxAge = maxAge.toNanos();
        this.retryAfter = Math.max(maxAge.toNanos() / 10, FAILURE_KEPT.toNanos());
    }

    /**
     * Tells the models, once: at once on the caller's thread if there is anything to tell, else as soon as the provider
     * has answered, 10 s from now at the latest, on another thread.
     *
     * @param reader must not block
     */
    public void get(Consumer<Answer> reader) {
        Answer known;
        boolean ask;
        synchronized (waiting) {
            known = known();
            if (known == null && waiting.size() >= MOST_WAITING) {
                known = new ModelList.Failed(tooManyWait());
            } else if (known == null) {
                waiting.add(reader);
            }
            ask = !asking && isDue();
            asking |= ask;
        }
        if (ask) {
            provider.listModels(name, this::answered);
        }
        if (known != null) {
            reader.accept(known);
        }
    }

    private void answered(Answer answer) {
        List<Consumer<Answer>> readers;
        synchronized (waiting) {
            asking = false;
            if (answer instanceof ModelList.Models models) {
                list = models.list();
                listedAt = provider.clock().nanoTime();
                failure = null;
            } else if (answer instanceof ModelList.Failed failed) {
                failure = failed.failure();
                failedAt = provider.clock().nanoTime();
            }
            readers = List.copyOf(waiting);
            waiting.clear();
        }
        if (answer instanceof ModelList.Failed failed) {
            provider.standing().listedNoModels(failed.failure());
        } else {
            provider.standing().answered();
        }
        for (Consumer<Answer> reader : readers) {
            tell(reader, answer);
        }
    }

    /** What can be told without asking; null if nothing can. */
    private @Nullable Answer known() {
        if (list != null) {
            return new ModelList.Models(list);
        }
        return failure == null || asking || isPast(failedAt, FAILURE_KEPT.toNanos())
                ? null
                : new ModelList.Failed(failure);
    }

    private boolean isDue() {
        if (list == null) {
            return failure == null || isPast(failedAt, FAILURE_KEPT.toNanos());
        }
        return isPast(listedAt, maxAge) && (failure == null || isPast(failedAt, retryAfter));
    }

    private boolean isPast(long since, long nanos) {
        return provider.clock().nanoTime() - since >= nanos;
    }

    /** One reader's fault must not keep the answer from the others. */
    private static void tell(Consumer<Answer> reader, Answer answer) {
        try {
            reader.accept(answer);
        } catch (RuntimeException fault) {
            LOG.warn("The models could not be told", fault);
        }
    }

    private Failure tooManyWait() {
        return Failure.unavailable(
                "overloaded",
                "no_room",
                "Too many requests wait already for the models of the upstream " + name + ".",
                Duration.ofSeconds(1));
    }
}
