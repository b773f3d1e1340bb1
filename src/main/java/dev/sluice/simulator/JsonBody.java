package dev.sluice.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.simulator.Script.Ending;
import dev.sluice.simulator.Script.Piece;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A script's whole answer as one JSON object, for a client that wants no stream. Immutable. */
final class JsonBody implements ResponseBody {
    private static final byte[] NOTHING = {};

    private final byte[] json;
    private final int pieces;

    JsonBody(ChatCompletionWriter writer, Recital recital, Ending ending) {
        StringBuilder reasoning = new StringBuilder();
        StringBuilder content = new StringBuilder();
        int read = 0;
        for (Piece piece = recital.next(); piece != null; piece = recital.next()) {
            read++;
            if (piece instanceof Piece.Content said) {
                content.append(said.text());
            } else if (piece instanceof Piece.Reasoning thought) {
                reasoning.append(thought.text());
            }
        }
        byte[] whole = writer.completion(recital.tally(), reasoning.toString(), content.toString())
                .getBytes(UTF_8);
        this.json = ending == Ending.PROPER ? whole : Arrays.copyOf(whole, whole.length / 2);
        this.pieces = read;
    }

    /** How many pieces the script had. */
    int pieces() {
        return pieces;
    }

    /** In bytes. */
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
