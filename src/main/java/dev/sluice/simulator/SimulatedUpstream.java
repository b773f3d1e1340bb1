package dev.sluice.simulator;

import static java.util.Objects.requireNonNull;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Attempts;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Head;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream;
import dev.sluice.relay.UpstreamTimeouts;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A response that is generated while it is read: one piece of a script for each {@link #read}, and none before it is due.
 * A client that reads slowly delays the pieces. When it reads faster again, the pieces come at their interval; the delay
 * is not made up.
 *
 * <p>All state is guarded by the stream's thread, as {@link Upstream} says.
 */
final class SimulatedUpstream implements Upstream {
    /** Longer than any script needs. The provider's settings set the timeouts of a stream. */
    private static final UpstreamTimeouts TIMEOUTS =
            new UpstreamTimeouts(Duration.ofMinutes(1), Duration.ofHours(1), Duration.ofHours(1), Duration.ofHours(1));

    private static final Failure CUT = Failure.upstream("connection_lost", "The upstream broke off the connection.");

    private final ResponseBody body;
    private final Timing timing;
    private final boolean cut;
    private final Head head;
    private final Clock clock;

    private @Nullable Runnable wake; // null before the start
    private Clock.@Nullable Alarm alarm; // for the next piece; null if none is set
    private boolean begun; // whether the first bytes have been read
    private boolean over; // whether all bytes have been read
    private long due; // the time of the next piece, by the clock, in nanoseconds

    /**
     * The times at which the pieces of a response are due.
     *
     * @param delay the time before the first piece, in nanoseconds
     * @param interval the time from one piece to the next, in nanoseconds
     */
    record Timing(long delay, long interval) {
        /** The delay of a response that never begins. */
        static final Timing NEVER = new Timing(Long.MAX_VALUE, 0);
    }

    /**
     * A response that has not started.
     *
     * @param cut whether it ends with a broken connection
     * @param length the length of the body in bytes; -1 for a response without {@code Content-Length}
     */
    SimulatedUpstream(ResponseBody body, Timing timing, boolean cut, int length, Clock clock) {
        this.body = body;
        this.timing = timing;
        this.cut = cut;
        this.head = length < 0 ? Head.NONE : new Head(length, Head.NONE.fields());
        this.clock = clock;
    }

    @Override
    public void start(Runnable wake, Attempts attempts) {
        this.wake = wake;
        due = clock.nanoTime() + timing.delay;
    }

    @Override
    public UpstreamTimeouts timeouts() {
        return TIMEOUTS;
    }

    @Override
    public Head head() {
        return head;
    }

    @Override
    public boolean sent() {
        return true;
    }

    @Override
    public Reading read(Translator translator) {
        if (over) {
            return cut ? Reading.FAILED : Reading.END;
        }
        if (isSilent()) {
            return Reading.NOTHING;
        }
        if (!begun) {
            begun = true;
            byte[] first = body.first();
            if (first.length > 0) {
                return feed(first, translator);
            }
        }
        long now = clock.nanoTime();
        if (now - due < 0) {
            return Reading.NOTHING;
        }
        byte[] piece = body.next();
        if (piece == null) {
            over = true;
            byte[] last = body.last();
            return last.length > 0 ? feed(last, translator) : read(translator);
        }
        // Counted from the time at which this piece was due, so that the delays of the alarms do not add up. If that
        // time has passed already, counted from now.
        long next = due + timing.interval;
        due = next - now >= 0 ? next : now + timing.interval;
        return feed(piece, translator);
    }

    @Override
    public Failure failure() {
        return CUT;
    }

    @Override
    public void demand() {
        forgetAlarm();
        if (!isSilent()) {
            alarm = clock.schedule(requireNonNull(wake), Math.max(0, due - clock.nanoTime()));
        }
    }

    @Override
    public void finish() {
        forgetAlarm();
    }

    @Override
    public void cancel() {
        forgetAlarm();
    }

    private boolean isSilent() {
        return timing.delay == Timing.NEVER.delay;
    }

    private static Reading feed(byte[] bytes, Translator translator) {
        translator.feed(ByteBuffer.wrap(bytes));
        return Reading.BYTES;
    }

    private void forgetAlarm() {
        Clock.Alarm set = alarm;
        if (set != null) {
            set.cancel();
            alarm = null;
        }
    }
}
