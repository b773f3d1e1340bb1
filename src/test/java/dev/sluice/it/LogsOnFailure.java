package dev.sluice.it;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** Adds to a test's failure what the servers have printed last. */
public final class LogsOnFailure implements TestExecutionExceptionHandler {
    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        failure.addSuppressed(new ServerLog(ServerProcess.tails()));
        throw failure;
    }

    /** Words, not a place in the code. */
    private static final class ServerLog extends RuntimeException {
        private static final long serialVersionUID = 1;

        ServerLog(String tails) {
            super("the servers' last words:\n" + tails, null, false, false);
        }
    }
}
