package dev.sluice.upstream;

/** What stood in the way of an answer, as far as it matters to whether another attempt may fare better. */
enum Trouble {
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

    /** What an answer with this status means, whose body is no completion. */
    static Trouble ofStatus(int status, boolean keyRefused) {
        if (keyRefused) {
            return ELSEWHERE;
        }
        return switch (status) {
            case 400, 405, 411, 413, 414, 415, 422, 431 -> FINAL;
            case 429, 500, 502, 503, 504 -> BUSY;
            // Those of content delivery networks, and of providers that tell overload from failure.
            case 520, 521, 522, 523, 524, 529, 530 -> BUSY;
            default -> ELSEWHERE;
        };
    }
}
