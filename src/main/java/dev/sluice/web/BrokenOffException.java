package dev.sluice.web;

import java.io.IOException;

/**
 * Thrown to the container after an answer that is not whole: it then breaks the connection off, where completing the
 * answer would end it as if it were. No stack trace: it is no fault of ours, and the container may log it.
 */
final class BrokenOffException extends IOException {
    private static final long serialVersionUID = 1;

    BrokenOffException() {
        super("The answer broke off; so does its connection");
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
