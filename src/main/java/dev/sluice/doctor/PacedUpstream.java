package dev.sluice.doctor;

import static java.util.Objects.requireNonNull;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Attempts;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Clock.Alarm;
import dev.sluice.relay.Head;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream;
import dev.sluice.relay.UpstreamTimeouts;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Generates the events of an {@link Examination}. Each has the time at which it was generated. The stream reads it like
 * any other upstream, only while the client can take more, so that this is the time at which the container got the event.
 *
 * <pre>{@code
 * hello  tick 1 … tick N  [silence … tick N+1]  done
 * }</pre>
 *
 * <p>The ticks are due at fixed times after the start, so that delays do not add up. The silence begins with the event
 * that announces it. All state is guarded by the stream's thread, as {@link Upstream} says.
 */
public final class PacedUpstream implements Upstream {
    /** Longer than any silence, so that no timeout ends one. */
    private static final UpstreamTimeouts TIMEOUTS =
            new UpstreamTimeouts(Duration.ofMinutes(1), Duration.ofHours(1), Duration.ofHours(1), Duration.ofHours(1));

    private static final Failure NO_ROOM = Failure.unavailable(
            "rate_limit_error",
            "too_many_examinations",
            "The stream doctor already runs as many tests as it may: try again in a minute.",
            Duration.ofMinutes(1));

    private enum Stage {
        HELLO,
        TICKS,
        SILENCE,
        LAST_TICK,
        DONE,
        END
    }

    private final Examination examination;
    private final String hello;
    private final Clock clock;
    private final Semaphore room;
    private final SseEncoder event = new SseEncoder();

    private Stage stage = Stage.HELLO;
    private int ticks;
    private long begun; // by the clock, in nanoseconds, as all times here
    private long due; // the next event
    private boolean admitted; // whether this has a permit of room
    private @Nullable Runnable wake;
    private @Nullable Alarm alarm;

    /**
     * An examination that has not started.
     *
     * @param hello the data of the first event, JSON on one line
     * @param room one permit for each examination that may run at the same time
     */
    public PacedUpstream(Examination examination, String hello, Clock clock, Semaphore room) {
        this.examination = examination;
        this.hello = hello;
        this.clock = clock;
        this.room = room;
    }

    @Override
    public void start(Runnable wake, Attempts attempts) {
        this.wake = wake;
        admitted = room.tryAcquire();
        begun = clock.nanoTime();
        due = begun;
    }

    @Override
    public UpstreamTimeouts timeouts() {
        return TIMEOUTS;
    }

    @Override
    public Head head() {
        return Head.NONE;
    }

    @Override
    public boolean sent() {
        return true;
    }

    @Override
    public Reading read(Translator translator) {
        if (!admitted) {
            return Reading.FAILED;
        }
        if (stage == Stage.END) {
            return Reading.END;
        }
        long now = clock.nanoTime();
        if (now - due < 0) {
            return Reading.NOTHING;
        }
        encodeNext(now);
        translator.feed(ByteBuffer.wrap(event.array(), 0, event.length()));
        event.release();
        return Reading.BYTES;
    }

    @Override
    public Failure failure() {
        return NO_ROOM;
    }

    @Override
    public void demand() {
        forgetAlarm();
        alarm = clock.schedule(requireNonNull(wake), Math.max(0, due - clock.nanoTime()));
    }

    @Override
    public void finish() {
        cancel();
    }

    @Override
    public void cancel() {
        forgetAlarm();
        if (admitted) {
            admitted = false;
            room.release();
        }
    }

    /** Encodes the next event, and sets the time at which the one after it is due. */
    private void encodeNext(long now) {
        switch (stage) {
            case HELLO -> {
                event.event("hello", hello);
                stage = Stage.TICKS;
            }
            case TICKS -> {
                tick(now);
                if (ticks < examination.events()) {
                    due = begun + ticks * examination.interval().toNanos();
                } else {
                    stage = examination.silence().isZero() ? Stage.DONE : Stage.SILENCE;
                }
            }
            case SILENCE -> {
                event.event(
                        "silence", "{\"ms\":" + examination.silence().toMillis() + ",\"sent_ms\":" + sent(now) + "}");
                due = now + examination.silence().toNanos();
                stage = Stage.LAST_TICK;
            }
            case LAST_TICK -> {
                tick(now);
                stage = Stage.DONE;
            }
            case DONE -> {
                event.event("done", "{\"events\":" + ticks + ",\"sent_ms\":" + sent(now) + "}");
                stage = Stage.END;
            }
            case END -> throw new IllegalStateException("There is no further event");
        }
    }

    private void tick(long now) {
        ticks++;
        event.event("tick", "{\"n\":" + ticks + ",\"sent_ms\":" + sent(now) + "}");
    }

    /** Milliseconds since the start, with three decimals. */
    private String sent(long now) {
        long micros = (now - begun) / 1_000;
        return String.format(Locale.ROOT, "%d.%03d", micros / 1_000, micros % 1_000);
    }

    private void forgetAlarm() {
        Alarm set = alarm;
        if (set != null) {
            set.cancel();
            alarm = null;
        }
    }
}
