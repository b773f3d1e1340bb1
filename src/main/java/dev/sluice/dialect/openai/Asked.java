package dev.sluice.dialect.openai;

import dev.sluice.chat.Failure;
import java.util.function.BooleanSupplier;

/**
 * What must be known of a request, and of who answers it, to tell whether its answer is whole.
 *
 * @param choices how many of them were asked for; of those that are too many to be kept apart, as many as are
 * @param finishReasonIsOptional whether who answers may end an answer without a {@code finish_reason}; asked at its end,
 *     when it is known who that is
 * @param maxEventBytes the longest event that is read
 */
public record Asked(int choices, BooleanSupplier finishReasonIsOptional, int maxEventBytes) {
    static final Failure UNFINISHED = Failure.upstream(
            "unfinished",
            "The upstream said [DONE] without a finish_reason for every choice, so the answer may be cut off. For a server"
                    + " that never sends one, its operator can set sluice.upstream.finish-reason=optional.");

    static final int MOST_CHOICES = 128;

    public Asked {
        choices = Math.min(choices, MOST_CHOICES);
    }
}
