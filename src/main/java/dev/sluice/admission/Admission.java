package dev.sluice.admission;

import dev.sluice.chat.Failure;
import dev.sluice.chat.LongestAnswer;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Head.Field;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamListener.Asked;
import dev.sluice.relay.StreamListener.Opened;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a request may be passed on to an upstream. It is asked once for each request, however many attempts and
 * upstreams that request then takes.
 *
 * <p>It is asked after the request was read and its route found, and before the first upstream is called. So it is not asked
 * about a request that is malformed or names an unknown model. {@link Asked#model} is the name in the request: an alias, or
 * an upstream's own name for a model that has no alias.
 *
 * <p>During a decision that takes time, the request's body stays in memory and counts towards the limit for all bodies. The
 * time limit for reading the body no longer applies. The decision has a time limit of its own, after which the client gets a
 * 503.
 */
@FunctionalInterface
public interface Admission {
    /** Admits every request, at once. */
    Admission OF_ALL = (stream, asked) -> Admitted.FREELY;

    /**
     * Decides, or returns a decision that is pending. Called by the container's thread that has read the end of the request's
     * body; must not block. If it throws, the client gets a 500.
     */
    Reply ask(Opened stream, Asked asked);

    /**
     * Whether the caller may ask for the model that clients call this; null for a request that names none. The list of models
     * that it gets has no others. Any thread; must not block.
     */
    default boolean allows(Caller caller, @Nullable String model) {
        return true;
    }

    /**
     * The longest answer that the caller may ask for; null for any length. It is looked at before {@link #ask}, when the
     * request is read. Any thread; must not block.
     */
    default @Nullable LongestAnswer longestAnswer(Caller caller) {
        return null;
    }

    /** The name of the plan that a caller has; null for none. Must not block. */
    default @Nullable String planOf(Caller caller) {
        return null;
    }

    /** A decision, or one that is pending. */
    sealed interface Reply permits Decision, Pending {}

    /** Whether a request is passed on. */
    sealed interface Decision extends Reply permits Admitted, Refused {
        /** Headers for the answer to the client, also to a refusal. They replace headers of the same names from an upstream. */
        List<Field> fields();
    }

    /**
     * The request is passed on.
     *
     * @param listener a further listener of the stream; null if there is none. It is told of the stream's end exactly once,
     *     even if the stream has ended before this decision. There it gives back what was taken for the request
     */
    record Admitted(@Nullable StreamListener listener, List<Field> fields) implements Decision {
        /** Without a listener, because nothing was taken for the request. */
        public static final Admitted FREELY = new Admitted(null, List.of());

        public Admitted {
            fields = List.copyOf(fields);
        }
    }

    /**
     * The request is not passed on, and nothing was taken for it.
     *
     * @param failure the error that the client gets
     */
    record Refused(Failure failure, List<Field> fields) implements Decision {
        public Refused {
            fields = List.copyOf(fields);
        }

        public Refused(Failure failure) {
            this(failure, List.of());
        }
    }

    /** A decision that takes time. */
    non-sealed interface Pending extends Reply {
        /**
         * Begins to decide; the decision is told by {@link Asker#answer}, possibly before this method returns. Called at most
         * once, by the thread that has called {@link Admission#ask}; must not block. If it throws before a decision was told,
         * the client gets a 500.
         */
        void begin(Asker asker);

        /**
         * The stream has ended before the decision, which therefore is no longer needed; it may be told all the same. Called
         * at most once, by any thread, before, during or after {@code begin}; must not block. After it, {@code begin} may
         * still be called.
         */
        void cancel();
    }

    /** Waits for a decision. */
    interface Asker {
        /**
         * Tells the decision. The first one counts. May be called by any thread. That thread may then call the upstream and
         * write to the client, neither of which blocks.
         *
         * @return false if a decision was told before. Then the listener of this one is told nothing, and the caller has to
         *     give back what was taken for it
         */
        boolean answer(Decision decision);
    }
}
