package dev.sluice.upstream;

import dev.sluice.dialect.ErrorBody;
import java.util.Set;

/** The class of a failure, which decides whether a further attempt is made, and at which provider. */
enum RetryClass {
    /** No process listened at the provider's address. The request was not sent. */
    CONNECTION_REFUSED,
    /** The provider is overloaded or has a temporary fault: 429, and most of 5xx. */
    BUSY,
    /** The request was sent, and no response came. The provider may have processed and billed it. */
    LOST,
    /** This provider cannot answer the request, not even at a further attempt; another one may. */
    ELSEWHERE,
    /** The request itself is at fault. */
    FINAL;

    /** Codes that some providers send with 429 although a later attempt fails too: the operator has to pay first. */
    private static final Set<String> SPENT = Set.of(
            "insufficient_quota",
            "billing_hard_limit_reached",
            "billing_not_active",
            "insufficient_balance",
            "insufficient_credits");

    /**
     * The class of a response that is an error.
     *
     * @param status the status that it means: its own, unless it is an error with status 200
     * @param code the code of the failure that was made of it
     */
    static RetryClass ofAnswer(int status, String code) {
        if (code.equals(ErrorBody.KEY_REFUSED) || SPENT.contains(code)) {
            return ELSEWHERE;
        }
        return switch (status) {
            // A complete answer instead of a stream is billed, so it is not requested again.
            case 200 -> code.equals(ErrorBody.NO_EVENT_STREAM) ? FINAL : ELSEWHERE;
            case 400, 405, 411, 413, 414, 415, 422, 431 -> FINAL;
            case 429, 500, 502, 503, 504 -> BUSY;
            // Statuses of content delivery networks, and of providers that have one of their own for overload.
            case 520, 521, 522, 523, 524, 529, 530 -> BUSY;
            default -> ELSEWHERE;
        };
    }
}
