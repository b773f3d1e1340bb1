package dev.sluice.simulator;

import dev.sluice.simulator.Script.Piece;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** One reading of a script, up to the client's limit. Used by one thread at a time, which guards all of it. */
final class Recital {
    private final Iterator<Piece> pieces;
    private final int limit;
    private int said;
    private int thought;
    private boolean cutShort;

    Recital(Script.Spoken script, Question question) {
        Integer wanted = question.maxTokens();
        pieces = script.read(question);
        limit = wanted == null ? Integer.MAX_VALUE : Math.max(wanted, script.atLeast());
    }

    /** The next piece, or null when there is none, or no more may be said. */
    @Nullable
    Piece next() {
        if (!pieces.hasNext()) {
            return null;
        }
        if (said + thought >= limit) {
            cutShort = true;
            return null;
        }
        Piece piece = pieces.next();
        if (piece instanceof Piece.Content) {
            said++;
        } else if (piece instanceof Piece.Reasoning) {
            thought++;
        }
        return piece;
    }

    Tally tally() {
        return new Tally(said, thought, cutShort);
    }
}
