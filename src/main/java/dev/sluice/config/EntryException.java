package dev.sluice.config;

/** One entry of a list is ill-formed. The message has its number, and not its text, which may be a secret. */
final class EntryException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** @param number of the entry, counted from 1 */
    EntryException(int number, int count, boolean empty) {
        super("entry %d of %d %s".formatted(number, count, empty ? "is empty" : "is ill-formed"));
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
