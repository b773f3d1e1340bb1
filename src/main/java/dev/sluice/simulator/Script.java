package dev.sluice.simulator;

import java.time.Duration;
import java.util.Iterator;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** How a model of the simulator behaves. */
sealed interface Script {
    /** Accepts the request and says nothing, not even a status, until the client leaves. */
    record Silent() implements Script {}

    /** Answers at once, whatever was asked. */
    record Canned(SimulatedAnswer.Refused answer) implements Script {}

    /**
     * Speaks piece by piece.
     *
     * @param interval the time from one piece to the next; zero is as fast as the client takes them
     * @param pieces what to say; infinite only if {@link #isEndless}
     * @param atLeast how many pieces it says whatever limit the client sets; {@link #ENDLESS} for ever
     */
    record Spoken(Duration interval, Function<Question, Stream<Piece>> pieces, int atLeast, Ending ending)
            implements Script {
        static final int ENDLESS = Integer.MAX_VALUE;

        boolean isEndless() {
            return atLeast == ENDLESS;
        }

        Iterator<Piece> read(Question question) {
            return pieces.apply(question).iterator();
        }
    }

    /** What follows the last piece. */
    enum Ending {
        /** The finish reason, the usage if it was asked for, and {@code [DONE]}. */
        PROPER,
        /** Nothing: the response just ends. */
        MUTE,
        /** The connection breaks. */
        CUT
    }

    /** One step of a stream. */
    sealed interface Piece {
        /** A token of the answer. */
        record Content(String text) implements Piece {}

        /** A token of what the model thinks aloud. */
        record Reasoning(String text) implements Piece {}

        /** An event with an empty delta. */
        record Empty() implements Piece {}

        /**
         * Bytes that go out as they are, whatever they mean.
         *
         * @param bytes one in each character, which is 255 at most
         */
        record Raw(String bytes) implements Piece {}

        static Stream<Piece> content(Iterable<String> tokens) {
            return StreamSupport.stream(tokens.spliterator(), false).map(Content::new);
        }
    }
}
