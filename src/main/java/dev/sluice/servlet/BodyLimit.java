package dev.sluice.servlet;

import dev.sluice.chat.Failure;

/**
 * The limits of the request bodies of an endpoint.
 *
 * @param budget the budget of all bodies together
 * @param maxBytes the longest body
 * @param setting the name of the setting with that limit
 */
public record BodyLimit(BodyBudget budget, int maxBytes, String setting) {
    /** The time for which a too large body is read on and discarded. */
    static final long THROWN_AWAY = 16L << 20;

    /** A body with a longer Content-Length than this is not read to its end. */
    long mostWorthReading() {
        return maxBytes + THROWN_AWAY;
    }

    Failure tooLarge() {
        return Failure.invalid(
                413,
                "request_too_large",
                "The request's body is larger than " + setting + " allows (" + maxBytes + " bytes).",
                null);
    }
}
