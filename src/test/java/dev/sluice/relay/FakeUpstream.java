package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.chat.Failure;
import dev.sluice.sse.SseDecoder;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** An upstream of which a test decides what it has at hand. Checks that the relay keeps to the port's rules. */
final class FakeUpstream implements Upstream {
    private final Deque<byte[]> atHand = new ArrayDeque<>();
    private Runnable wake = () -> {};
    private boolean demanded;
    boolean started;
    boolean sent = true;
    boolean ended;
    boolean finished;
    boolean cancelled;
    int reads;
    int demands;

    @Nullable
    Failure failure;

    /** Makes these bytes available, and says so if they were asked for. */
    void give(String bytes) {
        atHand.add(bytes.getBytes(UTF_8));
        tell();
    }

    void giveSilently(String bytes) {
        atHand.add(bytes.getBytes(UTF_8));
    }

    void end() {
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
    public void start(Runnable wake) {
        check(!started, "started twice");
        started = true;
        this.wake = wake;
        wake.run(); // spurious, as is allowed
    }

    @Override
    public boolean sent() {
        return sent;
    }

    @Override
    public Reading read(SseDecoder decoder) {
        check(started && !finished && !cancelled, "read before the beginning or after the end");
        reads++;
        byte[] bytes = atHand.poll();
        if (bytes != null) {
            decoder.feed(ByteBuffer.wrap(bytes));
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
        cancelled = true;
    }

    private static void check(boolean kept, String broken) {
        if (!kept) {
            throw new AssertionError(broken);
        }
    }
}
