package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.ErrorBody;
import dev.sluice.relay.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a provider: whether the latest call could reach it, and which faults it has shown. Told by calls, and
 * by whoever looks after it; shown by the node's health, its metrics and its log. All methods may be called by any thread.
 */
public final class Standing {
    /** What the latest call found. */
    private sealed interface Found {}

    private record Untried() implements Found {}

    private record Reached() implements Found {}

    private record Missed(Fault fault, long since) implements Found {}

    private static final Found UNTRIED = new Untried();
    private static final Found REACHED = new Reached();

    private final FaultLog log;
    private final Clock clock;
    private volatile Found found = UNTRIED;
    private volatile Runnable onMiss = () -> {};

    /** Set once: what ends with us is no fault of the provider's. */
    private volatile boolean stopped;

    Standing(FaultLog log, Clock clock) {
        this.log = log;
        this.clock = clock;
    }

    /** Whether the latest call could reach it; null before the first. */
    public @Nullable Boolean isReachable() {
        Found now = found;
        return now instanceof Untried ? null : now instanceof Reached;
    }

    /** What kept the latest call from reaching it; null if it could. */
    public @Nullable Fault fault() {
        return found instanceof Missed missed ? missed.fault : null;
    }

    /** For how long no call has reached it; null if the latest one could. */
    public @Nullable Duration missedFor() {
        return found instanceof Missed missed ? Duration.ofNanos(clock.nanoTime() - missed.since) : null;
    }

    /** Calls that failed so since the start. */
    public long count(Fault fault) {
        return log.count(fault);
    }

    /** {@code task} is called after each call that could not reach it, by the thread that found out. */
    void onMiss(Runnable task) {
        onMiss = task;
    }

    /** We stop, and calls that are under way fail. */
    void stop() {
        stopped = true;
    }

    /** A request has left for it. */
    void reached() {
        if (found != REACHED) {
            found = REACHED;
        }
    }

    /** A request could not leave, for this reason. */
    void missed(@Nullable Throwable cause) {
        if (stopped) {
            return;
        }
        Fault fault = Faults.beforeSending(cause);
        Found before = found;
        found = new Missed(fault, before instanceof Missed missed ? missed.since : clock.nanoTime());
        log.failed(fault, FaultLog.cause(cause));
        onMiss.run();
    }

    /** It has answered as it was asked to. */
    void answered() {
        log.answered();
    }

    /** It has answered otherwise, and its answer was taken for this failure. */
    void refused(Failure reason, int status) {
        if (reason.code().equals(ErrorBody.KEY_REFUSED)) {
            log.failed(Fault.KEY_REFUSED, "status " + status);
        } else {
            log.answered();
        }
    }

    /** It has answered what is no HTTP. */
    void spokeNoHttp() {
        log.failed(Fault.NO_HTTP, "");
    }

    /** It has listed no models, for this reason. */
    void listedNoModels(Failure reason) {
        if (!stopped) {
            log.failed(Fault.NO_MODELS, reason.message());
        }
    }
}
