package dev.sluice.jwt;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Caller;

/** What is known about a bearer. */
public sealed interface Finding {
    /** A valid token of an issuer. */
    record Valid(Caller caller) implements Finding {}

    /** A token of an issuer that is not valid. */
    record Invalid(Failure failure) implements Finding {}

    /**
     * A token of an issuer whose key is not known.
     *
     * @param keys their next fetch may bring it
     * @param otherwise what is to be answered if it is not waited for, or has not brought it
     */
    record Unverified(IssuerKeys keys, Failure otherwise) implements Finding {}

    /**
     * Something else: an access key, or a token of somebody else.
     *
     * @param isToken whether it is a token
     */
    record Other(boolean isToken) implements Finding {}
}
