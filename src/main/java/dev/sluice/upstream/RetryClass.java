package dev.sluice.upstream;

import dev.sluice.dialect.ErrorBody;
import java.util.Set;

/** Why there was no answer, as far as it decides whether another attempt is made, and where. */
enum RetryClass {
    /** Nobody listened at the provider's address. The request was not sent. */
    CONNECTION_REFUSED,
    /** The provider has too much to do, or a fault that may pass: 429, and most of 5xx. */
    BUSY,
    /** The request was sent, and no answer came: it may have been worked on, and billed. */
    LOST,
    /** This provider cannot, however often it is asked; another may. */
    ELSEWHERE,
    /** It is the request that is wrong. */
    FINAL;

    /** What comes with 429 at some providers, though no wait helps: the operator has to pay first. */
    private static final Set<String> SPENT = Set.of(
            "insufficient_quota",
            "billing_hard_limit_reached",
            "billing_not_active",
            "insufficient_balance",
            "insufficient_credits");

    /**
     * What an answer means that is not the one that was asked for.
     *
     * @param status that it means, which is its own unless it is an error that came with 200
     * @param code of the failure that it was taken for
     */
    static RetryClass ofAnswer(int status, String code) {
        if (code.equals(ErrorBody.KEY_REFUSED) || SPENT.contains(code)) {
            return ELSEWHERE;
        }
        return switch (status) {
            // A whole answer where a stream was asked for is an answer, and billed.
            case 200 -> code.equals(ErrorBody.NO_EVENT_STREAM) ? FINAL : ELSEWHERE;
            case 400, 405, 411, 413, 414, 415, 422, 431 -> FINAL;
            case 429, 500, 502, 503, 504 -> BUSY;
            // Those of content delivery networks, and of providers that tell overload from failure.
            case 520, 521, 522, 523, 524, 529, 530 -> BUSY;
            default -> ELSEWHERE;
        };
    }
}
