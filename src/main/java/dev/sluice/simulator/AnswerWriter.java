package dev.sluice.simulator;

import dev.sluice.simulator.Script.Piece;

/** Writes one answer as an API dialect has it. One instance serves one answer, and is guarded by its stream's thread. */
interface AnswerWriter {
    /** The events before the first token; may be empty. */
    byte[] opening();

    /** The events of one piece of the script. */
    byte[] event(Piece piece);

    /** All events behind the last token. */
    byte[] closing(Tally tally);

    /** The answer as one JSON object, for a request without streaming. */
    String whole(Tally tally, String reasoning, String content);
}
