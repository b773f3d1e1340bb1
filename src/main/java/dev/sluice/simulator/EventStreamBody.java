package dev.sluice.simulator;

import dev.sluice.simulator.Script.Ending;
import dev.sluice.simulator.Script.Piece;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The body of a streaming response: one event for each piece of a script. Guarded by the stream's thread. */
final class EventStreamBody implements ResponseBody {
    private static final byte[] NOTHING = {};

    private final AnswerWriter writer;
    private final Recital recital;
    private final Ending ending;

    EventStreamBody(AnswerWriter writer, Recital recital, Ending ending) {
        this.writer = writer;
        this.recital = recital;
        this.ending = ending;
    }

    @Override
    public byte[] first() {
        return writer.opening();
    }

    @Override
    public byte @Nullable [] next() {
        Piece piece = recital.next();
        if (piece instanceof Piece.Torn torn) {
            byte[] event = writer.event(new Piece.Content(torn.text()));
            return Arrays.copyOf(event, event.length / 2);
        }
        return piece == null ? null : writer.event(piece);
    }

    @Override
    public byte[] last() {
        return ending == Ending.PROPER ? writer.closing(recital.tally()) : NOTHING;
    }
}
