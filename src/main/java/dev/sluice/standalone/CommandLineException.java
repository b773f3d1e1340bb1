package dev.sluice.standalone;

/** The command line is not valid. The message is one line that names the fault and the fix. */
final class CommandLineException extends Exception {
    private static final long serialVersionUID = 1;

    CommandLineException(String message) {
        super(message);
    }
}
