package dev.sluice.standalone;

/** The command line cannot be understood; the message says why, in one line. */
final class CommandLineException extends Exception {
    private static final long serialVersionUID = 1;

    CommandLineException(String message) {
        super(message);
    }
}
