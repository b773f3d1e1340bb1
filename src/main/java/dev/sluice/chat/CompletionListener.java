package dev.sluice.chat;

/**
 * Gets the contents of the events of one streamed completion, in order. The thread that runs the stream calls all
 * methods. They must not block, and must not keep an array after they have returned.
 */
public interface CompletionListener {
    /** A piece of the answer or of a refusal's text, never empty. The array belongs to the caller. */
    void content(char[] text, int offset, int length);

    /** A piece of the model's reasoning, never empty. The array belongs to the caller. */
    void reasoning(char[] text, int offset, int length);

    /** The model calls a tool or a function. */
    void toolCall();

    /** The choice with this index, 0 or more, is complete: {@code reason} is its {@code finish_reason}, never empty. */
    void finished(int choice, String reason);

    /** The answer has a choice with this index, 0 or more. */
    void choice(int index);

    /** The usage so far; the last call counts. */
    void usage(Usage usage);

    /** The provider's own word that the completion is over. */
    void done();

    /** The provider has reported an error within the stream. */
    void failed(Failure failure);

    /**
     * This event is no part of a completion. It looks like an error, but has no {@code error} field. The failure is
     * reported only if the answer does not become complete.
     */
    void complained(Failure reason);

    /** This event is no part of a completion and cannot be parsed as an error; the failure says so. */
    void unreadable(Failure reason);
}
