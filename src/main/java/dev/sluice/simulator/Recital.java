package dev.sluice.simulator;

import dev.sluice.simulator.Script.Piece;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Reads the pieces of a script, and stops at the client's limit. Guarded by the stream's thread. */
final class Recital {
    private final Iterator<Piece> pieces;
    private final int limit;
    private int content;
    private int reasoning;
    private boolean cutShort;

    Recital(Script.Spoken script, Question question) {
        Integer wanted = question.maxTokens();
        pieces = script.read(question);
        limit = wanted == null ? Integer.MAX_VALUE : Math.max(wanted, script.atLeast());
    }

    /** The next piece; null if there is none, or if the limit is reached. */
    @Nullable
    Piece next() {
        if (!pieces.hasNext()) {
            return null;
        }
        if (content + reasoning >= limit) {
            cutShort = true;
            return null;
        }
        Piece piece = pieces.next();
        if (piece instanceof Piece.Content) {
            content++;
        } else if (piece instanceof Piece.Reasoning) {
            reasoning++;
        }
        return piece;
    }

    Tally tally() {
        return new Tally(content, reasoning, cutShort);
    }
}
