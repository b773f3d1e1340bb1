package dev.sluice.caller;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Caller;

/** Who makes a request, as far as that could be established. */
sealed interface Asking {
    /** One who may use everything. */
    record Known(Caller caller) implements Asking {}

    /**
     * One who may not use everything.
     *
     * @param objection why not
     */
    record Stranger(Failure objection) implements Asking {}

    static Asking stranger(int status, String code, String message) {
        return new Stranger(Failure.invalid(status, code, message, null));
    }
}
