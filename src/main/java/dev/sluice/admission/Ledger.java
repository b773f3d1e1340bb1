package dev.sluice.admission;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the holders of accounts use. What a request may need is taken before the upstream is asked, from all limits of the
 * account in one atomic step, and settled once at the end of its stream.
 *
 * <p>Any thread may call all methods; none blocks. Each consumer is called once, in the call or later, by any thread, and must
 * not block.
 */
public interface Ledger {
    /**
     * Takes one stream, one request and so many tokens from the account, or nothing. A request that needs more tokens than a
     * limit has at all is let in if nothing of that limit is spent or held.
     *
     * @param tokens the estimate for the prompt and the answer; 0 or more
     */
    void take(Account account, long tokens, Consumer<Verdict> told);

    /** The present levels of an account's limits, in the order of the account's. */
    void read(Account account, Consumer<List<Level>> told);

    /** What {@link #take} has come to. */
    sealed interface Verdict permits Taken, Reached, Unknown {}

    /**
     * The request is let in.
     *
     * @param levels after it
     */
    record Taken(Reservation reservation, List<Level> levels) implements Verdict {
        public Taken {
            levels = List.copyOf(levels);
        }
    }

    /**
     * The request does not fit. Nothing was taken.
     *
     * @param level that of the limit which keeps the request out for longest
     * @param need how much of that limit it needs
     * @param again when it may fit, if running answers use what they hold, and nobody else asks
     * @param levels those of all limits
     */
    record Reached(Level level, long need, Duration again, List<Level> levels) implements Verdict {
        public Reached {
            levels = List.copyOf(levels);
        }

        /**
         * The refusal that these levels mean.
         *
         * @param tokens the estimate for the prompt and the answer
         * @return null if the request fits
         */
        public static @Nullable Reached of(List<Level> levels, long tokens) {
            Level longest = null;
            for (Level level : levels) {
                if (!level.fits(tokens)
                        && (longest == null || level.again(tokens).compareTo(longest.again(tokens)) > 0)) {
                    longest = level;
                }
            }
            return longest == null
                    ? null
                    : new Reached(longest, longest.limit().need(tokens), longest.again(tokens), levels);
        }
    }

    /** The count is not known, because the store that nodes share has not answered, and the operator refuses requests then. */
    record Unknown() implements Verdict {}

    /** What one request has taken. */
    interface Reservation {
        /**
         * Gives back what is held, and spends what was used. The first call counts; any thread may call it.
         *
         * @param tokens those of the prompt and the answer; 0 or more
         */
        void settle(long tokens);
    }
}
