package dev.sluice.relay;

import dev.sluice.chat.Failure;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream, from an upstream to a client. Any event (a chunk arrived, the output became writable, an alarm went off, the
 * client left) does one thing: it {@linkplain #wake wakes} the loop. The loop looks at the facts and takes the first
 * {@linkplain StreamSteps#step step} that applies, until none does. To wake it once too often is harmless.
 *
 * <p>The thread that wakes the loop runs it. If another thread is running it already, that thread looks once more. So the
 * loop is run by one thread at a time, without a lock, and no thread waits.
 *
 * <p>How far the stream has come is its {@link Stage}.
 */
public final class Relay {
    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

    /** How much one run may read before it goes on elsewhere: a flood must not starve its thread's other streams. */
    private static final int RUN_BYTES = 256 * 1024;

    private final Clock clock;
    private final Executor executor;
    private final Baton baton = new Baton();
    private final Signals signals = new Signals();
    private final StreamListeners listeners = new StreamListeners();

    /** Guarded by the baton. */
    private final StreamSteps steps;

    /**
     * A stream whose request is still on its way: {@link #passOn} or {@link #refuse} follows.
     *
     * @param executor goes on with runs that were cut off for their length
     * @param onEnd called once when the stream has ended and its listeners were told, by the thread that ended it
     */
    public Relay(
            Downstream downstream,
            Limits limits,
            Clock clock,
            Executor executor,
            StreamMetrics metrics,
            Consumer<Relay> onEnd) {
        this.clock = clock;
        this.executor = executor;
        this.steps = new StreamSteps(
                downstream, signals, limits, clock, metrics, listeners, this::wake, () -> onEnd.accept(this));
    }

    // ---- Events: any thread.

    /** Something may have changed. Runs the loop, or has the thread that runs it look once more. */
    public void wake() {
        if (baton.take()) {
            run();
        }
    }

    /** One more listener. It hears what happens from now on; of a stream that has ended, the end. */
    public void join(StreamListener listener) {
        listeners.join(listener);
    }

    /** The request is whole and readable, and this is what it asks for. At most once, before {@link #passOn}. */
    public void asked(StreamListener.Asked what) {
        listeners.asked(what);
    }

    /**
     * The last byte of the request has come, so its client is not waited for any longer. {@link #passOn} or {@link #refuse}
     * follows; unless it does so at once, call {@link #wake} too: the time limit of {@link Stage#ADMITTING} begins then.
     */
    public void received() {
        signals.received = true;
    }

    /** The request may be passed on. {@code upstream} is to answer it, and {@code translator} translates that. At most once. */
    public void passOn(Upstream upstream, Translator translator) {
        signals.passedOn = new Exchange(upstream, translator);
        wake();
    }

    /** There is to be no answer, or no more of it than what has come. */
    public void refuse(Failure reason) {
        signals.refusal = reason;
        wake();
    }

    /**
     * As {@link #refuse}, of a request that still comes. The stream ends when {@link #requestOver} is called, or when the
     * request should have been whole: a connection that closes while its client still sends may lose the answer.
     */
    public void refuseEarly(Failure reason) {
        signals.requestComes = true;
        refuse(reason);
    }

    /** No more of the request comes. */
    public void requestOver() {
        signals.requestComes = false;
        wake();
    }

    /** The request will be refused for this reason once it is whole. If it never becomes whole, it is refused for it too. */
    public void refuseAtLatest(Failure reason) {
        signals.refusalToCome = reason;
    }

    /** From now on the stream ends as soon as it would have to wait for its client to take what there is. */
    public void letGo() {
        signals.letGo = true;
        wake();
    }

    // ---- The loop: the thread that holds the baton.

    private void run() {
        try {
            takeSteps();
        } catch (RuntimeException | Error fault) {
            try {
                endFor(fault);
            } finally {
                LOG.error("A stream failed for a fault of Sluice", fault); // last: without memory, this fails too
            }
        }
    }

    private void takeSteps() {
        steps.beginRun(RUN_BYTES);
        do {
            steps.lookAgain(clock.nanoTime());
            while (steps.step()) {}
            if (steps.isCutOff()) {
                if (goOnElsewhere()) {
                    return; // and keeps the baton for it
                }
                steps.beginRun(RUN_BYTES);
                baton.take(); // so that pass() has this thread go on
            }
        } while (baton.pass());
    }

    /** Refuses the request if its answer has not begun to leave; breaks the connection off otherwise. */
    private void endFor(Throwable fault) {
        try {
            if (steps.refuseFor(fault)) {
                takeSteps();
                return;
            }
        } catch (RuntimeException | Error another) {
            // The refusal failed too, so the connection is broken off. The first fault is logged.
        }
        steps.end(Outcome.BROKEN_OFF); // and keeps the baton: the loop is not to be run again
    }

    private boolean goOnElsewhere() {
        try {
            executor.execute(this::run);
            return true;
        } catch (RejectedExecutionException stopping) {
            return false;
        }
    }
}
