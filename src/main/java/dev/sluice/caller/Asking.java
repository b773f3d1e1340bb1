package dev.sluice.caller;

import dev.sluice.chat.Failure;
import dev.sluice.jwt.Finding;
import dev.sluice.relay.Caller;

/** Who makes a request, as far as that could be established. */
sealed interface Asking {
    /** One who may use everything. */
    record Known(Caller caller) implements Asking {}

    /**
     * One who may not use everything.
     *
     * @param objection why not
     * @param badToken whether it is because of a token that is not valid (RFC 6750, section 3.1)
     */
    record Stranger(Failure objection, boolean badToken) implements Asking {}

    /** One with a token whose key is not known. */
    record Unverified(Finding.Unverified token) implements Asking {}

    static Asking stranger(int status, String code, String message) {
        return new Stranger(Failure.invalid(status, code, message, null), false);
    }

    static Asking badToken(Failure failure) {
        return new Stranger(failure, failure.status() == 401);
    }
}
