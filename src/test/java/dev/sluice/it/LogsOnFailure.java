package dev.sluice.it;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** Adds the last output of the servers to the failure of a test. */
public final class LogsOnFailure implements TestExecutionExceptionHandler {
    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        failure.addSuppressed(new ServerLog(ServerProcess.tails()));
        throw failure;
    }

    /** Without a stack trace, because only the text matters. */
    private static final class ServerLog extends RuntimeException {
        private static final long serialVersionUID = 1;

        ServerLog(String tails) {
            super("the servers' last words:\n" + tails, null, false, false);
        }
    }
}
