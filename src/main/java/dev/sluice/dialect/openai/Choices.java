package dev.sluice.dialect.openai;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.AnswerContext;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The choices of one streamed answer, and which of them have had their {@code finish_reason}. Choices with an index of
 * 128 or more are not told apart. Guarded by the stream's thread.
 *
 * <p>An answer is whole when every choice has had its {@code finish_reason}, and the provider then ended. {@code [DONE]}
 * alone proves nothing: many servers send it behind an error.
 */
final class Choices {
    /** The event behind the last one of an answer. */
    static final String LAST_WORD = "[DONE]";

    static final Failure UNFINISHED = Failure.upstream(
            "unfinished",
            "The upstream said [DONE] without a finish_reason for every choice, so the answer may be cut off. For a server"
                    + " that never sends one, its operator can set sluice.upstream.finish-reason=optional.");

    private static final int MOST = 128;

    private final int asked;
    private final BitSet seen = new BitSet();
    private final BitSet finished = new BitSet();

    /** @param asked how many choices the client wants */
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

    /** Whether any piece of any choice has come, and be it an empty one. */
    boolean anySeen() {
        return !seen.isEmpty();
    }

    /**
     * What the answer lacks though the provider has said its last word; null if it is whole.
     *
     * @param given what the provider said of an error without saying that it is one
     * @param unread whether the latest event was too long to be read
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
