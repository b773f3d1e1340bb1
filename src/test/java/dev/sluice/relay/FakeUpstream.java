package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.chat.Failure;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An upstream whose answer the test sets. Checks that the relay obeys the rules of {@link Upstream}. */
public final class FakeUpstream implements Upstream {
    private final Deque<byte[]> atHand = new ArrayDeque<>();
    private Runnable wake = () -> {};
    Attempts attempts = Attempts.UNHEARD;
    private boolean demanded;
    boolean started;
    boolean sent = true;
    boolean refuses;
    boolean ended;
    boolean finished;
    boolean cancelled;
    boolean cancelFailsOnce;
    int reads;
    int demands;

    @Nullable
    Failure failure;

    /** Makes these bytes available, and wakes the relay if it has demanded them. */
    void give(String bytes) {
        give(bytes.getBytes(UTF_8));
    }

    /** The same with any bytes. */
    public void give(byte[] bytes) {
        atHand.add(bytes);
        tell();
    }

    /** Whether the relay has started it. */
    public boolean isStarted() {
        return started;
    }

    /** Whether the relay has finished or cancelled it. */
    public boolean isOver() {
        return finished || cancelled;
    }

    void giveSilently(String bytes) {
        atHand.add(bytes.getBytes(UTF_8));
    }

    /** The body of the answer ends. */
    public void end() {
        ended = true;
        tell();
    }

    void fail(Failure reason) {
        failure = reason;
        tell();
    }

    void commit() {
        sent = true;
        wake.run();
    }

    boolean isAsked() {
        return demanded;
    }

    int chunksAtHand() {
        return atHand.size();
    }

    private void tell() {
        if (demanded) {
            demanded = false;
            wake.run();
        }
    }

    @Override
    public void start(Runnable wake, Attempts attempts) {
        check(!started, "started twice");
        started = true;
        this.wake = wake;
        this.attempts = attempts;
        attempts.began("fake", "m");
        wake.run(); // a wake-up without need, which is allowed
    }

    @Override
    public UpstreamTimeouts timeouts() {
        return new UpstreamTimeouts(
                Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(20), Duration.ofSeconds(100));
    }

    @Override
    public Head head() {
        return new Head(7, List.of(new Head.Field("x-request-id", "r1")));
    }

    @Override
    public boolean sent() {
        return sent;
    }

    @Override
    public boolean mayHaveWorked() {
        return sent && !refuses;
    }

    @Override
    public Reading read(Translator translator) {
        check(started && !finished && !cancelled, "read before the beginning or after the end");
        reads++;
        byte[] bytes = atHand.poll();
        if (bytes != null) {
            translator.feed(ByteBuffer.wrap(bytes));
            return Reading.BYTES;
        }
        if (failure != null) {
            return Reading.FAILED;
        }
        return ended ? Reading.END : Reading.NOTHING;
    }

    @Override
    public Failure failure() {
        if (failure == null) {
            throw new AssertionError("asked for a failure that is none");
        }
        return failure;
    }

    @Override
    public void demand() {
        check(started && !finished && !cancelled, "demanded before the beginning or after the end");
        demands++;
        demanded = true;
        if (!atHand.isEmpty() || ended || failure != null) {
            tell();
        }
    }

    @Override
    public void finish() {
        check(!finished && !cancelled, "ended twice");
        finished = true;
    }

    @Override
    public void cancel() {
        check(!finished && !cancelled, "ended twice");
        if (cancelFailsOnce) {
            cancelFailsOnce = false;
            throw new OutOfMemoryError("by the test");
        }
        cancelled = true;
    }

    private static void check(boolean kept, String broken) {
        if (!kept) {
            throw new AssertionError(broken);
        }
    }
}
