package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Account.Answering;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Head;
import dev.sluice.relay.Patience;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream;
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
    private final Sending sending;
    private final RetryPolicy policy;
    private final Clock clock;

    private Runnable wake = () -> {};
    private int place; // of the target that is asked
    private int failedHere; // attempts
    private int attempts;
    private UpstreamCall call;
    private boolean answered;
    private long begunAt;
    private long againAt; // while it pauses
    private Clock.@Nullable Alarm pause; // between attempts

    /** @param targets to be asked in this order; one or more */
    RoutedCall(List<Target> targets, Sending sending, RetryPolicy policy, Clock clock) {
        this.targets = List.copyOf(targets);
        this.sending = sending;
        this.policy = policy;
        this.clock = clock;
        this.call = new UpstreamCall(target(), sending);
    }

    @Override
    public void start(Runnable wake) {
        this.wake = wake;
        begunAt = clock.nanoTime();
        attempt();
    }

    @Override
    public Patience patience() {
        Patience longest = target().provider().patience();
        for (Target other : targets) {
            longest = longest.or(other.provider().patience());
        }
        // The client's own clock, which knows what failed, comes first; this one is for what that does not see.
        Duration connect = longest.connect().plus(policy.budget()).plusSeconds(1);
        return new Patience(connect, longest.firstToken(), longest.idle());
    }

    @Override
    public Head head() {
        return call.head();
    }

    @Override
    public Answering answering() {
        return new Answering(target().provider().name(), target().model(), attempts);
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
        if (reading == Reading.BYTES && !answered) {
            answered = true;
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
        sending.body().letGo();
        if (pause != null) {
            pause.cancel();
        }
        call.cancel();
    }

    private Target target() {
        return targets.get(place);
    }

    private void attempt() {
        attempts++;
        target().provider().allowance().earn();
        call.start(wake);
    }

    /** Whether there is another attempt, now or later. */
    private boolean goOn() {
        Trouble trouble = call.trouble();
        failedHere++;
        if (mayHelp(trouble)) {
            long delay = RetryPolicy.delay(failedHere, call.failure().retryAfter());
            if (isWithinBudget(delay) && target().provider().allowance().spend()) {
                call = new UpstreamCall(target(), sending);
                againAt = clock.nanoTime() + delay;
                pause = clock.schedule(wake, delay);
                return true;
            }
        }
        boolean mayHelpElsewhere = trouble != Trouble.FINAL && (trouble != Trouble.LOST || mayBeBilledTwice());
        if (mayHelpElsewhere && place + 1 < targets.size() && isWithinBudget(0)) {
            place++;
            failedHere = 0;
            call = new UpstreamCall(target(), sending);
            attempt();
            return true;
        }
        return false;
    }

    /** Asking the same provider again, that is. */
    private boolean mayHelp(Trouble trouble) {
        if (failedHere >= policy.attempts()) {
            return false;
        }
        return switch (trouble) {
            case CONNECTION_REFUSED, BUSY -> true;
            case LOST -> mayBeBilledTwice();
            case ELSEWHERE, FINAL -> false;
        };
    }

    private boolean mayBeBilledTwice() {
        return policy.lost() || sending.isIdempotent();
    }

    /** Nor is there sense in an attempt that begins when the first token should have come. */
    private boolean isWithinBudget(long delay) {
        long most = Math.min(
                policy.budget().toNanos(),
                target().provider().patience().firstToken().toNanos());
        return clock.nanoTime() - begunAt + delay <= most;
    }
}
