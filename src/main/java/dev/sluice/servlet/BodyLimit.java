package dev.sluice.servlet;

import dev.sluice.chat.Failure;

/**
 * How large one body of an endpoint may be.
 *
 * @param budget for all bodies together
 * @param maxBytes of one
 * @param setting the one that says so
 */
public record BodyLimit(BodyBudget budget, int maxBytes, String setting) {
    /** What is too large is read on for so long, and thrown away. */
    static final long THROWN_AWAY = 16L << 20;

    /** A body whose announced length is beyond this is not worth reading to its end. */
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
