package dev.sluice.chat;

/** The request is at fault. It has no stack trace, because it reports nothing about the code. */
public final class InvalidRequestException extends Exception {
    private static final long serialVersionUID = 1;

    /** Transient, because a {@link Failure} is not serializable; nobody serializes this exception. */
    private final transient Failure failure;

    /** @param failure the error that is reported to the client */
    public InvalidRequestException(Failure failure) {
        super(failure.message(), null, false, false);
        this.failure = failure;
    }

    /** A 400 that names no field. */
    public static InvalidRequestException badRequest(String code, String message) {
        return new InvalidRequestException(Failure.invalid(400, code, message, null));
    }

    /** A 400 that names the field at fault. */
    public static InvalidRequestException badField(String code, String field, String message) {
        return new InvalidRequestException(Failure.invalid(400, code, message, field));
    }

    /** The error that is reported to the client. */
    public Failure failure() {
        return failure;
    }
}
