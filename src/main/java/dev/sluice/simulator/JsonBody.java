package dev.sluice.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.simulator.Script.Ending;
import dev.sluice.simulator.Script.Piece;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The body of a response without streaming: all pieces of a script in one JSON object. Immutable. */
final class JsonBody implements ResponseBody {
    private static final byte[] NOTHING = {};

    private final byte[] json;
    private final int pieces;

    /**
     * @param whole the object
     * @param pieces the number of pieces of the script
     */
    JsonBody(String whole, int pieces, Ending ending) {
        byte[] all = whole.getBytes(UTF_8);
        this.json = ending == Ending.PROPER ? all : Arrays.copyOf(all, all.length / 2);
        this.pieces = pieces;
    }

    /** The answer in words of a script. */
    static JsonBody of(AnswerWriter writer, Recital recital, Ending ending) {
        StringBuilder reasoning = new StringBuilder();
        StringBuilder content = new StringBuilder();
        int read = 0;
        for (Piece piece = recital.next(); piece != null; piece = recital.next()) {
            read++;
            if (piece instanceof Piece.Content each) {
                content.append(each.text());
            } else if (piece instanceof Piece.Reasoning each) {
                reasoning.append(each.text());
            }
        }
        return new JsonBody(writer.whole(recital.tally(), reasoning.toString(), content.toString()), read, ending);
    }

    /** The number of pieces of the script. */
    int pieces() {
        return pieces;
    }

    /** The length of the body in bytes. */
    int length() {
        return json.length;
    }

    @Override
    public byte[] first() {
        return NOTHING;
    }

    @Override
    public byte @Nullable [] next() {
        return null;
    }

    @Override
    public byte[] last() {
        return json;
    }
}
