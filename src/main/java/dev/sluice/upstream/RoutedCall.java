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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A call with retries and fallbacks. As long as nothing of an answer was received, it calls the same provider again,
 * and then the next provider of the model.
 *
 * <p>The thread that runs the stream calls all methods, one at a time, and guards all fields. Between two attempts, an
 * alarm wakes the stream.
 */
final class RoutedCall implements Upstream {
    private final List<Target> targets;
    private final Function<Target, UpstreamRequest> requests;
    private final HeldBody body;
    private final RetryPolicy policy;
    private final Clock clock;

    private Runnable wake = () -> {};
    private Attempts attempts = Attempts.UNHEARD;
    private int place; // the index of the current target
    private int failedHere; // the number of failed attempts at this target
    private ProviderCall call;
    private boolean answered;
    private boolean mayHaveWorked; // a provider of an earlier attempt
    private boolean lastAttempt; // no other attempt will follow, so the body was released
    private long begunAt; // when the first attempt at this target has begun
    private long againAt; // when the next attempt is due, during a pause
    private Clock.@Nullable Alarm pause; // between attempts

    /** @param targets the targets in the order in which they are called; one or more */
    RoutedCall(List<Target> targets, UpstreamRequest sending, RetryPolicy policy, Clock clock) {
        this(targets, target -> sending, sending.body(), policy, clock);
    }

    /**
     * @param targets the targets in the order in which they are called; one or more
     * @param requests the request to each target
     * @param body that of all of them
     */
    RoutedCall(
            List<Target> targets,
            Function<Target, UpstreamRequest> requests,
            HeldBody body,
            RetryPolicy policy,
            Clock clock) {
        this.targets = List.copyOf(targets);
        this.requests = requests;
        this.body = body;
        this.policy = policy;
        this.clock = clock;
        this.call = next();
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
        // The HTTP client's own timeout should end the attempt first, because it knows the cause. This one is for the
        // cases that it does not cover.
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
    public boolean mayHaveWorked() {
        return mayHaveWorked || call.mayHaveWorked();
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
        if (!lastAttempt && (answered || isTooLateForAnother())) { // checked only once, not for each token
            lastAttempt = true;
            body.letGo();
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
        body.letGo();
        call.finish();
    }

    @Override
    public void cancel() {
        if (pause != null) {
            pause.cancel();
        }
        call.cancel();
        body.letGo(); // the last step: until then the call may still need the body for a second exchange
    }

    /** The target that is asked. Once something of an answer has come, it stays. */
    Target target() {
        return targets.get(place);
    }

    private ProviderCall next() {
        return target().provider().call(target(), requests.apply(target()));
    }

    private void attempt() {
        attempts.began(target().provider().name(), target().model());
        call.start(wake);
    }

    /** Starts or schedules another attempt. Returns whether there is one. */
    private boolean goOn() {
        RetryClass retryClass = call.retryClass();
        failedHere++;
        if (mayHelp(retryClass)) {
            long delay = RetryPolicy.delay(failedHere, call.failure().retryAfter());
            if (isWithinBudget(delay) && target().provider().allowance().spend()) {
                failed();
                call = next();
                againAt = clock.nanoTime() + delay;
                pause = clock.schedule(wake, delay);
                return true;
            }
        }
        // Another provider does not know the idempotency keys that this one has received.
        boolean mayHelpElsewhere = retryClass != RetryClass.FINAL && (retryClass != RetryClass.LOST || policy.lost());
        if (mayHelpElsewhere && !isLast()) {
            failed();
            place++;
            failedHere = 0;
            begunAt = clock.nanoTime();
            target().provider().allowance().earn();
            call = next();
            attempt();
            return true;
        }
        return false;
    }

    /** The attempt has failed, and another one follows. */
    private void failed() {
        mayHaveWorked |= call.mayHaveWorked();
        attempts.failed(call.failure());
    }

    /** Whether a retry at the same provider may help. */
    private boolean mayHelp(RetryClass retryClass) {
        if (failedHere >= policy.attempts()) {
            return false;
        }
        return switch (retryClass) {
            case CONNECTION_REFUSED, BUSY -> true;
            case LOST -> policy.lost() || requests.apply(target()).isIdempotent();
            case ELSEWHERE, FINAL -> false;
        };
    }

    private boolean isLast() {
        return place + 1 == targets.size();
    }

    /**
     * Whether another attempt after this delay is within the budget, and early enough before the first token is due.
     */
    private boolean isWithinBudget(long delay) {
        long firstToken = target().provider().timeouts().firstToken().toNanos();
        return clock.nanoTime() - begunAt + delay <= Math.min(policy.budget().toNanos(), firstToken / 2);
    }

    /**
     * Whether it is too late for another attempt. Checked whenever the stream is woken, at the latest for a heartbeat.
     */
    private boolean isTooLateForAnother() {
        return isLast() && call.isSentForGood() && !isWithinBudget(0);
    }
}
