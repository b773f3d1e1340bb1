package dev.sluice.dialect.openai;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.AnswerContext;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The choices of one streamed answer, and which of them have had their {@code finish_reason}. Choices with an index of
 * 128 or more are ignored. Guarded by the stream's thread.
 *
 * <p>An answer is complete when every choice has had its {@code finish_reason}, and the provider has then ended the
 * stream. {@code [DONE]} alone does not suffice: many servers send it after an error.
 */
final class Choices {
    /** The data of the event that ends the stream. */
    static final String LAST_WORD = "[DONE]";

    static final Failure UNFINISHED = Failure.upstream(
            "unfinished",
            "The upstream said [DONE] without a finish_reason for every choice, so the answer may be cut off. For a server"
                    + " that never sends one, its operator can set sluice.upstream.finish-reason=optional.");

    private static final int MOST = 128;

    private final int asked;
    private final BitSet seen = new BitSet();
    private final BitSet finished = new BitSet();

    /** @param asked the number of choices in the request */
    Choices(int asked) {
        this.asked = Math.min(asked, MOST);
    }

    void seen(int index) {
        if (index < MOST) {
            seen.set(index);
        }
    }

    void finished(int index) {
        if (index < MOST) {
            finished.set(index);
        }
    }

    /** Whether a piece of any choice has been received, even an empty one. */
    boolean anySeen() {
        return !seen.isEmpty();
    }

    /**
     * The failure of an answer that is not complete at {@code [DONE]}; null if it is complete.
     *
     * @param given the provider's complaint: something that looks like an error but has no {@code error} field
     * @param unread whether the latest event was longer than the limit, so that it was not parsed
     */
    @Nullable
    Failure lackedAtLastWord(@Nullable Failure given, boolean unread, AnswerContext context) {
        if (areFinished()) {
            return null;
        }
        if (given != null) {
            return given;
        }
        return unread || context.finishReasonIsOptional().getAsBoolean() ? null : UNFINISHED;
    }

    boolean areFinished() {
        return !finished.isEmpty() && finished.cardinality() >= asked && seen.equals(finished);
    }
}
