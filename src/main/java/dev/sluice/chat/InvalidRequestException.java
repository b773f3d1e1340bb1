package dev.sluice.chat;

/** A request that is the client's own mistake. Part of the ordinary course, so it carries no stack trace. */
public final class InvalidRequestException extends Exception {
    private static final long serialVersionUID = 1;

    /** Never serialized. */
    private final transient Failure failure;

    /** @param failure what the client hears */
    public InvalidRequestException(Failure failure) {
        super(failure.message(), null, false, false);
        this.failure = failure;
    }

    /** A 400 that names the field, if one is at fault. */
    public static InvalidRequestException badRequest(String code, String message) {
        return new InvalidRequestException(Failure.invalid(400, code, message, null));
    }

    /** A 400 that names the field at fault. */
    public static InvalidRequestException badField(String code, String field, String message) {
        return new InvalidRequestException(Failure.invalid(400, code, message, field));
    }

    /** What the client hears. */
    public Failure failure() {
        return failure;
    }
}
