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
 * Decides whether a request may be passed on to an upstream. It is asked once for each request: retries, and calls of the
 * alias's other upstreams, are the same request.
 *
 * <p>It is asked when the request is whole and readable and it is known which upstreams may answer it, and before any of
 * them is called. So a request that is malformed, or whose model nobody answers for, is refused without it, and takes
 * nothing of what is shared out here. What the client calls the model, {@link Asked#model}, is what the client may use or
 * not: the name of an alias, or an upstream's own name for a model that has no alias.
 *
 * <p>While an answer is waited for, the request's body stays in memory and counts there. The client's time for its body
 * has stopped. The wait has a time limit of its own, after which the client gets a 503.
 */
@FunctionalInterface
public interface Admission {
    /** Admits every request, at once. */
    Admission OF_ALL = (stream, asked) -> Admitted.FREELY;

    /**
     * Decides, or says how the decision is come by. Called by the container's thread that has brought the last of the
     * request; must not block. If it throws, the client gets a 500.
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

    /** What is replied at once. */
    sealed interface Reply permits Decision, Pending {}

    /** What is to become of a request. */
    sealed interface Decision extends Reply permits Admitted, Refused {
        /** Headers of the client's answer, whatever it is. They replace those of an upstream. */
        List<Field> fields();
    }

    /**
     * The request is passed on.
     *
     * @param listener hears of the stream from now on, if there is one. It is told of the stream's end exactly once, also if
     *     the stream has ended before this decision: that is where what was taken for the request is given back
     */
    record Admitted(@Nullable StreamListener listener, List<Field> fields) implements Decision {
        /** Nothing was taken for the request. */
        public static final Admitted FREELY = new Admitted(null, List.of());

        public Admitted {
            fields = List.copyOf(fields);
        }
    }

    /**
     * The request is not passed on, and nothing was taken for it.
     *
     * @param failure what the client gets, with its status
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
         * Begins to decide, and has {@code asker} told of the decision. Called at most once, by the thread that has asked;
         * must not block. The decision may be told before this returns. If this throws and none was told, the client gets a
         * 500.
         */
        void begin(Asker asker);

        /**
         * The stream has ended, so nobody waits for the decision any more. Called at most once and by any thread; must not
         * block. It may come after {@code begin}, while that runs, or before it: then {@code begin} may follow or not. A
         * decision may be told all the same.
         */
        void cancel();
    }

    /** Who waits for a decision. */
    interface Asker {
        /**
         * Tells the decision. May be called by any thread, which may go on to call the upstream and to write to the client,
         * without blocking.
         *
         * @return whether this is the decision; false if another was told before. Then nothing is told to this one's
         *     listener, and what was taken for it is still to be given back
         */
        boolean answer(Decision decision);
    }
}
