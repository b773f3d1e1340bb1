package dev.sluice.simulator;

import dev.sluice.simulator.Script.Piece;
import dev.sluice.simulator.Script.Spoken;
import java.util.Map;
import java.util.concurrent.Future;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;

/**
 * A script spoken as events, one write a piece, each at its time and none before the one before it was taken. So the
 * client's pace rules where it is the slower one, and a stream that fell behind goes on at its own pace without catching
 * up. No thread waits: a timer or the end of a write brings the next step.
 *
 * <p>Its fields are guarded by the iteration, which runs on one thread at a time.
 */
final class SpokenStream extends IteratingCallback {
    /** An unpaced stream lets others have the thread after so many writes. */
    private static final int RUN = 64;

    private static final byte[] NOTHING = {};

    private final Exchange exchange;
    private final Dialect dialect;
    private final Spoken script;
    private final Recital recital;
    private final Pacer pacer;
    private final long interval;

    private boolean opened;
    private boolean closed;
    private long due;
    private int run;
    private @Nullable Future<?> timer;

    SpokenStream(Exchange exchange, Dialect dialect, Spoken script, Recital recital, Pacer pacer) {
        this.exchange = exchange;
        this.dialect = dialect;
        this.script = script;
        this.recital = recital;
        this.pacer = pacer;
        this.interval = script.interval().toNanos();
        this.due = pacer.now();
    }

    void start() {
        exchange.head(200, "text/event-stream", Map.of("Cache-Control", "no-cache"));
        exchange.whenOver(() -> abort(new EofException("the client has left")));
        iterate();
    }

    @Override
    protected Action process() throws EofException {
        if (closed) {
            return Action.SUCCEEDED;
        }
        if (!opened) {
            opened = true;
            return write(false, dialect.opening());
        }
        long now = pacer.now();
        if (due - now > 0) {
            timer = pacer.after(due - now, this::iterate);
            return Action.IDLE;
        }
        if (interval == 0 && ++run > RUN) {
            run = 0;
            pacer.soon(this::iterate);
            return Action.IDLE;
        }
        Piece piece = recital.next();
        if (piece == null) {
            closed = true;
            return ending();
        }
        // From when it was due, not from now, or every timer's delay would add up; but what is far behind stays behind.
        long next = due + interval;
        due = next - now >= 0 ? next : now + interval;
        return write(false, dialect.event(piece));
    }

    @Override
    protected void onCompleteSuccess() {
        exchange.end();
    }

    @Override
    protected void onCompleteFailure(Throwable cause) {
        if (timer != null) {
            timer.cancel(false);
        }
        exchange.breakOff(cause);
    }

    private Action ending() throws EofException {
        return switch (script.ending()) {
            case PROPER -> write(true, dialect.closing(recital.tally()));
            case MUTE -> write(true, NOTHING);
            case CUT -> throw new EofException("cut, as the script says");
        };
    }

    private Action write(boolean last, byte[] bytes) {
        exchange.write(last, bytes, this);
        return Action.SCHEDULED;
    }
}
