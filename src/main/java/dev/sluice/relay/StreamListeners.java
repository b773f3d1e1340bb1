package dev.sluice.relay;

import dev.sluice.chat.Failure;
import dev.sluice.relay.StreamListener.Asked;
import dev.sluice.relay.StreamListener.Attempt;
import dev.sluice.relay.StreamListener.AttemptOutcome;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All listeners of one stream. Keeps the order that {@link StreamListener} promises, tells each of the end exactly once,
 * and keeps the faults of one from the stream and from the others. Any thread may {@link #join} and say what is
 * {@link #asked}; all other methods are guarded by the stream's baton.
 */
final class StreamListeners implements Attempts {
    private static final Logger LOG = LoggerFactory.getLogger(StreamListeners.class);

    private static final StreamListener[] NOBODY = {};

    /**
     * How many listeners can join without an allocation. It is more than join: the last one gives back at the stream's end what
     * was taken for it, so it must be told of the end even if there is no memory when it joins.
     */
    private static final int ROOM = 10;

    /** In the order in which they have joined; then come empty places. Written under the lock of this, and after the end. */
    private volatile StreamListener[] all = new StreamListener[ROOM];

    /** How many have joined. Written under the lock of this, after their places; read before them. */
    private volatile int count;

    /** Set once, by any thread. */
    private volatile @Nullable Asked asked;

    /** Set when the stream has ended: whoever has joined before is told, whoever joins later tells itself. Guarded by this. */
    private @Nullable StreamSummary end;

    private boolean askedIsTold;
    private @Nullable Attempt latest;
    private boolean latestRuns;

    /** One line for each stream is enough. */
    private volatile boolean faultIsLogged;

    // ---- Any thread.

    /** One more listener, which hears what happens from now on: of a stream that has ended, the end. */
    void join(StreamListener listener) {
        StreamSummary over;
        synchronized (this) {
            over = end;
            if (over == null) {
                int place = count;
                if (place == all.length) {
                    all = Arrays.copyOf(all, 2 * place);
                }
                all[place] = listener;
                count = place + 1;
            }
        }
        if (over != null) {
            tellEnd(listener, over);
        }
    }

    /** What the client asks for. At most once. */
    void asked(Asked what) {
        asked = what;
    }

    // ---- Whoever holds the baton.

    @Override
    public void began(String upstream, @Nullable String model) {
        tellAsked();
        Attempt attempt = new Attempt(upstream, model, latest == null ? 1 : latest.number() + 1);
        latest = attempt;
        latestRuns = true;
        tell(listener -> listener.attemptBegan(attempt));
    }

    @Override
    public void failed(Failure reason) {
        attemptEnded(AttemptOutcome.FAILED, reason);
    }

    /** Nothing more comes of the latest attempt. Told once. */
    void attemptEnded(AttemptOutcome outcome, @Nullable Failure reason) {
        Attempt attempt = latest;
        if (attempt != null && latestRuns) {
            latestRuns = false;
            tell(listener -> listener.attemptEnded(attempt, outcome, reason));
        }
    }

    void firstToken(Duration sinceOpening) {
        tell(listener -> listener.firstToken(sinceOpening));
    }

    /** Leaves no garbage: a slow client may pause with each token. */
    void paused(Pause holding, long nanos) {
        int told = count;
        StreamListener[] listeners = all;
        for (int i = 0; i < told; i++) {
            StreamListener listener = listeners[i];
            try {
                listener.paused(holding, nanos);
            } catch (RuntimeException | Error fault) {
                log(listener, fault);
            }
        }
    }

    /** The attempt that began last; null if there was none. */
    @Nullable
    Attempt latestAttempt() {
        return latest;
    }

    /** Called once, and nothing after it. */
    void ended(StreamSummary summary) {
        try {
            tellAsked();
            attemptEnded(AttemptOutcome.GIVEN_UP, null);
        } finally { // and without garbage, for memory may be what failed
            int told = close(summary);
            StreamListener[] listeners = all;
            all = NOBODY;
            for (int i = 0; i < told; i++) {
                tellEnd(listeners[i], summary);
            }
        }
    }

    /** Returns how many have joined so far; from now on others are told when they join. */
    private synchronized int close(StreamSummary summary) {
        int joined = count;
        end = summary;
        count = 0;
        return joined;
    }

    private void tellAsked() {
        Asked what = asked;
        if (what != null && !askedIsTold) {
            askedIsTold = true;
            tell(listener -> listener.asked(what));
        }
    }

    private void tell(Consumer<StreamListener> event) {
        int told = count;
        StreamListener[] listeners = all;
        for (int i = 0; i < told; i++) {
            StreamListener listener = listeners[i];
            try {
                event.accept(listener);
            } catch (RuntimeException | Error fault) {
                log(listener, fault);
            }
        }
    }

    private void tellEnd(StreamListener listener, StreamSummary summary) {
        try {
            listener.ended(summary);
        } catch (RuntimeException | Error fault) {
            log(listener, fault);
        }
    }

    private void log(StreamListener listener, Throwable fault) {
        if (!faultIsLogged) {
            faultIsLogged = true;
            try {
                LOG.error("The stream's listener {} failed", listener.getClass().getName(), fault);
            } catch (RuntimeException | Error noMemory) {
                // Then this cannot be said either.
            }
        }
    }
}
