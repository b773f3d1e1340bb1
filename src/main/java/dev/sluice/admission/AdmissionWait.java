package dev.sluice.admission;

import static java.util.Objects.requireNonNull;

import dev.sluice.admission.Admission.Asker;
import dev.sluice.admission.Admission.Decision;
import dev.sluice.admission.Admission.Pending;
import dev.sluice.admission.Admission.Refused;
import dev.sluice.admission.Admission.Reply;
import dev.sluice.chat.Failure;
import dev.sluice.relay.Relay;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamSummary;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream's wait for a decision that takes time. The first decision counts, even if it is made after the stream's
 * end; later ones are ignored.
 *
 * <pre>
 *   WAITING ─────answer────▶ DECIDED
 *      │                        ▲
 *      └─end─▶ ENDED ───answer──┘
 * </pre>
 *
 * <p>All methods except {@link #begin} may be called by any thread.
 */
public final class AdmissionWait implements Asker, StreamListener {
    private static final Logger LOG = LoggerFactory.getLogger(AdmissionWait.class);

    private enum State {
        /** There is no decision yet, and the stream is open. */
        WAITING,
        /** The stream has ended without a decision. */
        ENDED,
        /** There is a decision. */
        DECIDED
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
    private final Pending pending;
    private final Consumer<Decision> onDecision;

    AdmissionWait(Pending pending, Consumer<Decision> onDecision) {
        this.pending = pending;
        this.onDecision = onDecision;
    }

    /**
     * Makes a stream wait for a decision. Called by the thread that has called {@link #ask}.
     *
     * @param onDecision called at most once, with the decision, by the thread that has made it
     */
    public static void begin(Relay stream, Pending pending, Consumer<Decision> onDecision) {
        AdmissionWait wait;
        try {
            wait = new AdmissionWait(pending, onDecision);
            stream.join(wait);
        } catch (Error noMemory) {
            pending.cancel(); // nobody waits for it
            throw noMemory;
        }
        stream.wake(); // starts the stream's time limit for the decision
        wait.begin();
    }

    /** The reply of {@code admission}. If it throws, the exception is logged and the reply is a refusal. */
    public static Reply ask(Admission admission, Opened stream, Asked asked) {
        try {
            return requireNonNull(admission.ask(stream, asked), "no reply");
        } catch (RuntimeException | Error fault) {
            log(fault);
            return refusal(fault);
        }
    }

    /**
     * Calls {@link Pending#begin} unless the stream has ended already. Called once, by the thread that has called
     * {@link #ask}.
     */
    void begin() {
        if (state.get() != State.WAITING) {
            return;
        }
        try {
            pending.begin(this);
        } catch (RuntimeException | Error fault) {
            try {
                answer(refusal(fault));
            } finally {
                log(fault);
            }
        }
    }

    @Override
    public boolean answer(Decision decision) {
        requireNonNull(decision);
        if (state.getAndSet(State.DECIDED) == State.DECIDED) {
            return false;
        }
        onDecision.accept(decision);
        return true;
    }

    /** Called at the stream's end, possibly before {@link #begin}. */
    @Override
    public void ended(StreamSummary summary) {
        if (state.compareAndSet(State.WAITING, State.ENDED)) {
            try {
                pending.cancel();
            } catch (RuntimeException | Error fault) {
                log(fault);
            }
        }
    }

    private static Refused refusal(Throwable fault) {
        return new Refused(fault instanceof OutOfMemoryError ? Failure.noMemory() : Failure.internal());
    }

    private static void log(Throwable fault) {
        try {
            LOG.error("The admission of a request failed for a fault of Sluice", fault);
        } catch (RuntimeException | Error noMemory) {
            // The log has failed too, for want of memory.
        }
    }
}
