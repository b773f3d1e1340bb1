package dev.sluice.simulator;

import java.time.Duration;
import java.util.Iterator;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The behaviour of a model of the simulator. */
sealed interface Script {
    /** Accepts the request and sends nothing, not even a status, until the client leaves. */
    record Silent() implements Script {}

    /** Refuses every request at once. */
    record Canned(Fault fault) implements Script {}

    /**
     * Answers piece by piece.
     *
     * @param interval the time from one piece to the next; zero if the pieces are sent as fast as the client reads
     * @param pieces the answer; infinite only if {@link #isEndless}
     * @param atLeast the number of pieces that are sent whatever limit the client has set; {@link #ENDLESS} for no end
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

    /** The end of a response, behind the last piece. */
    enum Ending {
        /** The finish reason, the usage if the request asks for it, and {@code [DONE]}. */
        PROPER,
        /** Nothing: the response ends without {@code [DONE]}. */
        MUTE,
        /** The connection breaks. */
        CUT
    }

    /** One step of a stream. */
    sealed interface Piece {
        /** A token of the answer. */
        record Content(String text) implements Piece {}

        /** A token of the reasoning. */
        record Reasoning(String text) implements Piece {}

        /** An event with an empty delta. */
        record Empty() implements Piece {}

        /** The first half of the event of a token. */
        record Torn(String text) implements Piece {}

        /**
         * Bytes that are sent as they are.
         *
         * @param bytes one for each character, whose code is at most 255
         */
        record Raw(String bytes) implements Piece {}

        static Stream<Piece> content(Iterable<String> tokens) {
            return StreamSupport.stream(tokens.spliterator(), false).map(Content::new);
        }
    }
}
