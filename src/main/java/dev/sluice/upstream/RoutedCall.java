package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Attempts;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Head;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream;
import dev.sluice.relay.UpstreamTimeouts;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call that finds its way: it asks again while there was no answer, then the next provider of its model. Never once a
 * byte of an answer has come.
 *
 * <p>All methods are called by the thread that runs the stream, one at a time, and guard all fields; between attempts an
 * alarm wakes the stream.
 */
final class RoutedCall implements Upstream {
    private final List<Target> targets;
    private final UpstreamRequest sending;
    private final RetryPolicy policy;
    private final Clock clock;

    private Runnable wake = () -> {};
    private Attempts attempts = Attempts.UNHEARD;
    private int place; // of the target that is asked
    private int failedHere; // attempts
    private ProviderCall call;
    private boolean answered;
    private boolean lastAttempt; // none will follow, so the body is let go
    private long begunAt; // asking this target
    private long againAt; // while it pauses
    private Clock.@Nullable Alarm pause; // between attempts

    /** @param targets to be asked in this order; one or more */
    RoutedCall(List<Target> targets, UpstreamRequest sending, RetryPolicy policy, Clock clock) {
        this.targets = List.copyOf(targets);
        this.sending = sending;
        this.policy = policy;
        this.clock = clock;
        this.call = target().provider().call(target(), sending);
    }

    @Override
    public void start(Runnable wake, Attempts attempts) {
        this.wake = wake;
        this.attempts = attempts;
        begunAt = clock.nanoTime();
        target().provider().allowance().earn();
        attempt();
    }

    @Override
    public UpstreamTimeouts timeouts() {
        UpstreamTimeouts longest = target().provider().timeouts();
        for (Target other : targets) {
            longest = longest.or(other.provider().timeouts());
        }
        // The client's own clock, which knows what failed, comes first; this one is for what that does not see.
        Duration each = longest.connect().plus(policy.budget()).plusSeconds(1);
        return new UpstreamTimeouts(
                each.multipliedBy(targets.size()), longest.firstToken(), longest.idle(), longest.token());
    }

    @Override
    public Head head() {
        return call.head();
    }

    @Override
    public boolean finishReasonIsOptional() {
        return target().provider().finishReasonIsOptional();
    }

    @Override
    public boolean sent() {
        return call.sent();
    }

    @Override
    public Reading read(Translator translator) {
        if (pause != null) {
            if (clock.nanoTime() - againAt < 0) {
                return Reading.NOTHING;
            }
            pause = null;
            attempt();
        }
        Reading reading = call.read(translator);
        answered |= reading == Reading.BYTES;
        if (!lastAttempt && (answered || isTooLateForAnother())) { // asked once, not with each token
            lastAttempt = true;
            sending.body().letGo();
        }
        return reading == Reading.FAILED && !answered && goOn() ? Reading.NOTHING : reading;
    }

    @Override
    public Failure failure() {
        return call.failure();
    }

    @Override
    public void demand() {
        call.demand();
    }

    @Override
    public void finish() {
        sending.body().letGo();
        call.finish();
    }

    @Override
    public void cancel() {
        if (pause != null) {
            pause.cancel();
        }
        call.cancel();
        sending.body().letGo(); // last: until then the call may be about to send it once more
    }

    private Target target() {
        return targets.get(place);
    }

    private void attempt() {
        attempts.began(target().provider().name(), target().model());
        call.start(wake);
    }

    /** Whether there is another attempt, now or later. */
    private boolean goOn() {
        RetryClass retryClass = call.retryClass();
        failedHere++;
        if (mayHelp(retryClass)) {
            long delay = RetryPolicy.delay(failedHere, call.failure().retryAfter());
            if (isWithinBudget(delay) && target().provider().allowance().spend()) {
                attempts.failed(call.failure());
                call = target().provider().call(target(), sending);
                againAt = clock.nanoTime() + delay;
                pause = clock.schedule(wake, delay);
                return true;
            }
        }
        // Another provider does not know this one's idempotency keys.
        boolean mayHelpElsewhere = retryClass != RetryClass.FINAL && (retryClass != RetryClass.LOST || policy.lost());
        if (mayHelpElsewhere && !isLast()) {
            attempts.failed(call.failure());
            place++;
            failedHere = 0;
            begunAt = clock.nanoTime();
            target().provider().allowance().earn();
            call = target().provider().call(target(), sending);
            attempt();
            return true;
        }
        return false;
    }

    /** Asking the same provider again, that is. */
    private boolean mayHelp(RetryClass retryClass) {
        if (failedHere >= policy.attempts()) {
            return false;
        }
        return switch (retryClass) {
            case CONNECTION_REFUSED, BUSY -> true;
            case LOST -> policy.lost() || sending.isIdempotent();
            case ELSEWHERE, FINAL -> false;
        };
    }

    private boolean isLast() {
        return place + 1 == targets.size();
    }

    /** Nor is there sense in an attempt that begins when the first token should have come soon. */
    private boolean isWithinBudget(long delay) {
        long firstToken = target().provider().timeouts().firstToken().toNanos();
        return clock.nanoTime() - begunAt + delay <= Math.min(policy.budget().toNanos(), firstToken / 2);
    }

    /** Looked at whenever the stream is woken, by its heartbeats at the latest. */
    private boolean isTooLateForAnother() {
        return isLast() && call.isSentForGood() && !isWithinBudget(0);
    }
}
