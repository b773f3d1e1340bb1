package dev.sluice.chat;

/**
 * Hears what one streamed event of a completion says, in the order it says it. All methods are called by the thread
 * that runs the stream, and must neither block nor keep an array after they return.
 */
public interface CompletionListener {
    /** A piece of the answer, never empty. A refusal's text is one too. The array belongs to the caller. */
    void content(char[] text, int offset, int length);

    /** A piece of what the model thinks aloud, never empty. The array belongs to the caller. */
    void reasoning(char[] text, int offset, int length);

    /** The model calls a tool, or a function. */
    void toolCall();

    /** The choice with this index, 0 or more, is whole: {@code reason} is the provider's word, such as {@code stop}. */
    void finished(int choice, String reason);

    /** A choice with this index, 0 or more, is part of the answer. */
    void choice(int index);

    /** What it cost so far; the last call counts. */
    void usage(Usage usage);

    /** The provider's own word that the completion is over. */
    void done();

    /** The provider reported an error in the stream. */
    void failed(Failure failure);

    /**
     * This event is no piece of a completion, and reads like an error without the field that would make it one: {@code
     * reason} says so in words for the client. It counts if the answer does not become whole.
     */
    void complained(Failure reason);

    /** This event is no piece of a completion, and told nothing: {@code reason} says so in words for the client. */
    void unreadable(Failure reason);
}
