package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.chat.Failure;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A client that takes what the test lets it take. Checks that the relay obeys the rules of the servlet output. */
public final class FakeDownstream implements Downstream {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private byte @Nullable [] lent; // belongs to the container until isReady() returns true
    private byte[] lentCopy = {};
    private boolean asked;
    boolean writable = true;
    boolean gone;
    boolean goneAtNextWrite;
    boolean fullAtNextWrite;
    boolean begun;
    String contentType = "";
    Head head = Head.NONE;

    @Nullable
    Failure refused;

    boolean completed;
    boolean aborted;

    @Nullable
    RuntimeException fault;

    /** The number of refusals that fail with an OutOfMemoryError. */
    int faultsOfRefusals;

    private int refusals;
    int flushes;
    int writes;

    /** All that was written. */
    public String taken() {
        return taken.toString(UTF_8);
    }

    /** Whether the relay has ended it. */
    public boolean ended() {
        return completed || aborted;
    }

    /** Sets whether it takes more output. */
    public void takes(boolean more) {
        writable = more;
    }

    /** The client leaves. The relay notices that at its next check. */
    public void leave() {
        gone = true;
    }

    @Override
    public boolean isGone() {
        return gone;
    }

    @Override
    public boolean isReady() {
        asked = writable;
        if (writable && lent != null) {
            check(Arrays.equals(lent, 0, lentCopy.length, lentCopy, 0, lentCopy.length), "a lent array was changed");
            lent = null;
        }
        return writable;
    }

    @Override
    public void begin(String type, Head head) {
        check(!begun && refused == null, "two heads");
        contentType = type;
        this.head = head;
        begun = true;
    }

    @Override
    public byte[] refuse(Failure failure, Head head) {
        check(writes == 0 && !ended(), "a head after the first bytes");
        check(++refusals <= 2, "more than two refusals");
        if (faultsOfRefusals > 0) {
            faultsOfRefusals--;
            throw new OutOfMemoryError("by the test");
        }
        begun = false;
        this.head = head;
        refused = failure;
        return "{problem}".getBytes(UTF_8);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        use();
        if (fault != null) {
            throw fault;
        }
        check(begun || refused != null, "written without a head");
        writes++;
        lent = bytes;
        lentCopy = Arrays.copyOf(bytes, offset + length);
        taken.write(bytes, offset, length);
        writable &= !fullAtNextWrite;
        fullAtNextWrite = false;
    }

    @Override
    public void flush() {
        use();
        flushes++;
    }

    @Override
    public void complete() {
        check(!ended(), "ended twice");
        check(asked || gone, "completed without being ready");
        completed = true;
    }

    @Override
    public void abort() {
        check(!ended(), "ended twice");
        aborted = true;
    }

    private void use() {
        check(asked, "used without being ready");
        check(!ended(), "used after its end");
        asked = false;
        if (goneAtNextWrite) {
            gone = true;
        }
    }

    private static void check(boolean kept, String broken) {
        if (!kept) {
            throw new AssertionError(broken);
        }
    }
}
