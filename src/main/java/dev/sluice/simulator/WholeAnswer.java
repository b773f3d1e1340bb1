package dev.sluice.simulator;

import dev.sluice.simulator.Script.Piece;
import dev.sluice.simulator.Script.Spoken;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Future;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.util.Callback;

/** A script's whole answer in one object, for a client that wants no stream; it comes when a stream would have ended. */
final class WholeAnswer {
    private final Exchange exchange;
    private final Spoken script;
    private final Pacer pacer;
    private final String completion;
    private final long delay;

    WholeAnswer(Exchange exchange, Dialect dialect, Spoken script, Recital recital, Pacer pacer) {
        StringBuilder reasoning = new StringBuilder();
        StringBuilder content = new StringBuilder();
        int pieces = 0;
        for (Piece piece = recital.next(); piece != null; piece = recital.next()) {
            pieces++;
            if (piece instanceof Piece.Content said) {
                content.append(said.text());
            } else if (piece instanceof Piece.Reasoning thought) {
                reasoning.append(thought.text());
            }
        }
        this.exchange = exchange;
        this.script = script;
        this.pacer = pacer;
        this.completion = dialect.completion(recital.tally(), reasoning.toString(), content.toString());
        this.delay = script.interval().multipliedBy(pieces).toNanos();
    }

    void start() {
        Future<?> timer = pacer.after(delay, this::send);
        exchange.whenOver(() -> {
            timer.cancel(false);
            exchange.breakOff(new EofException("the client has left"));
        });
    }

    private void send() {
        String half = completion.substring(0, completion.length() / 2);
        switch (script.ending()) {
            case PROPER -> exchange.reply(new Reply(200, Map.of(), completion));
            case MUTE -> exchange.reply(new Reply(200, Map.of(), half));
            case CUT -> {
                exchange.head(200, "application/json", Map.of());
                exchange.write(
                        false,
                        half.getBytes(StandardCharsets.UTF_8),
                        Callback.from(
                                () -> exchange.breakOff(new EofException("cut, as the script says")),
                                exchange::breakOff));
            }
        }
    }
}
