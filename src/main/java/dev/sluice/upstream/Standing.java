package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.ErrorBody;
import dev.sluice.relay.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether a provider is reachable, and its faults so far. Calls and the probe report to it; the health page, the metrics and
 * the log show it. Any thread may call all methods.
 */
public final class Standing {
    /** The result of the last call. */
    private sealed interface State {}

    private record Untried() implements State {}

    private record Reached() implements State {}

    private record Missed(Fault fault, long since) implements State {}

    private static final State UNTRIED = new Untried();
    private static final State REACHED = new Reached();

    private final FaultLog log;
    private final Clock clock;
    private volatile State state = UNTRIED; // set by any thread
    private volatile Runnable onMiss = () -> {}; // set once, before the first call

    /** Set once, never cleared: calls that fail by our own stop are no faults of the provider. */
    private volatile boolean stopped;

    Standing(FaultLog log, Clock clock) {
        this.log = log;
        this.clock = clock;
    }

    /** Whether the last call could reach it; null before the first one. */
    public @Nullable Boolean isReachable() {
        State now = state;
        return now instanceof Untried ? null : now instanceof Reached;
    }

    /** Why the last call could not reach it; null if it could. */
    public @Nullable Fault fault() {
        return state instanceof Missed missed ? missed.fault : null;
    }

    /** For how long no call has reached it; null if the last one could. */
    public @Nullable Duration missedFor() {
        return state instanceof Missed missed ? Duration.ofNanos(clock.nanoTime() - missed.since) : null;
    }

    /** The number of calls that have failed by this fault since the start. */
    public long count(Fault fault) {
        return log.count(fault);
    }

    /** Sets a task that runs after each call that could not reach it, on the thread that has noticed it. */
    void onMiss(Runnable task) {
        onMiss = task;
    }

    /** Sluice stops, so that running calls fail. */
    void stop() {
        stopped = true;
    }

    /** A request was sent. */
    void reached() {
        if (state != REACHED) {
            state = REACHED;
        }
    }

    /** A request could not be sent, for this reason. */
    void missed(@Nullable Throwable cause) {
        if (stopped) {
            return;
        }
        Fault fault = Faults.beforeSending(cause);
        State before = state;
        state = new Missed(fault, before instanceof Missed missed ? missed.since : clock.nanoTime());
        log.failed(fault, FaultLog.cause(cause));
        onMiss.run();
    }

    /** It has answered. */
    void answered() {
        log.answered();
    }

    /** It has answered an error, of which this failure was made. */
    void refused(Failure reason, int status) {
        if (reason.code().equals(ErrorBody.KEY_REFUSED)) {
            log.failed(Fault.KEY_REFUSED, "status " + status);
        } else {
            log.answered();
        }
    }

    /** Its answer was not HTTP. */
    void spokeNoHttp() {
        log.failed(Fault.NO_HTTP, "");
    }

    /** Its list of models could not be read, for this reason. */
    void listedNoModels(Failure reason) {
        if (!stopped) {
            log.failed(Fault.NO_MODELS, reason.message());
        }
    }
}
