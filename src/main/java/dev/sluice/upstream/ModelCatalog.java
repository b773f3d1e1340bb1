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
 * A cache of one provider's list of models. The list is requested when it is needed first. A list older than its maximum
 * age is still returned while a new one is requested, and it stays if that request fails. Any thread may call all methods;
 * none blocks.
 */
public final class ModelCatalog {
    private static final Logger LOG = LoggerFactory.getLogger(ModelCatalog.class);

    /** The most readers that wait for one response. */
    static final int MOST_WAITING = 1_000;

    /** How long a failure is cached, so that many requests of clients do not become many requests of the provider. */
    private static final Duration FAILURE_KEPT = Duration.ofSeconds(1);

    private final Provider provider;
    private final String name;
    private final long maxAge;
    private final long retryAfter;

    // All guarded by `waiting`.
    private final List<Consumer<Answer>> waiting = new ArrayList<>();
    private boolean asking;
    private @Nullable ModelList list;
    private long listedAt;
    private @Nullable Failure failure; // of the last request; null if it succeeded
    private long failedAt;

    /**
     * @param name the provider's name, as the owner of models that name none
     * @param maxAge the age at which a list is requested again. After a failure it is requested after a tenth of this, but
     *     no less than a second
     */
    public ModelCatalog(Provider provider, String name, Duration maxAge) {
        this.provider = provider;
        this.name = name;
        this.maxAge = maxAge.toNanos();
        this.retryAfter = Math.max(maxAge.toNanos() / 10, FAILURE_KEPT.toNanos());
    }

    /**
     * Passes the models to the reader, once: in this call if they are cached, else when the provider has answered, within
     * 10 s, on another thread.
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

    /** The cached list or failure; null if there is none. */
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

    /** An exception of one reader must not keep the others from the answer. */
    private static void tell(Consumer<Answer> reader, Answer answer) {
        try {
            reader.accept(answer);
        } catch (RuntimeException fault) {
            LOG.warn("A reader of the list of models failed", fault);
        }
    }

    private Failure tooManyWait() {
        return Failure.unavailable(
                "overloaded",
                "no_room",
                "Too many requests already wait for the list of models of the upstream " + name + ": try again.",
                Duration.ofSeconds(1));
    }
}
