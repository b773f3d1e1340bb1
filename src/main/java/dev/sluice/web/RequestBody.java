package dev.sluice.web;

import dev.sluice.chat.Failure;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One request's body, read without blocking and never beyond its bounds. What is too large is read on for a while and
 * thrown away: a client that is still sending when we answer and close would see a reset, not the answer.
 *
 * <p>The methods of {@link ReadListener} are called by the container's threads, one at a time.
 */
final class RequestBody implements ReadListener {
    /** What becomes of a body; one of these is called, once, by the container's threads. */
    interface Receiver {
        /** It is whole: the beginning of {@code bytes}, which are the receiver's own from now on. */
        void received(byte[] bytes, int length);

        void refused(Failure failure);

        void clientGone();
    }

    private static final int PIECE = 8 * 1024;
    private static final long THROWN_AWAY = 16L << 20;

    private final ServletInputStream input;
    private final long announced; // bytes; -1 if it was not said
    private final BodyBudget budget;
    private final BodyBudget.Reservation reservation;
    private final Receiver receiver;

    /** Nobody wants the rest. Set by any thread. */
    private volatile boolean closed;

    // Guarded by the container, which calls one method at a time.
    private byte[] bytes = {};
    private int length;
    private long thrownAway;
    private @Nullable Failure fault;
    private boolean told;

    /** @param announced the request's {@code Content-Length}, or -1 */
    RequestBody(ServletInputStream input, long announced, BodyBudget budget, Receiver receiver) {
        this.input = input;
        this.announced = announced;
        this.budget = budget;
        this.reservation = budget.open();
        this.receiver = receiver;
    }

    /** A body whose announced length is beyond this is not worth reading to its end. */
    static long mostWorthReading(BodyBudget budget) {
        return budget.maxBytes() + THROWN_AWAY;
    }

    /** Gives back what is held; nothing more is read. Any thread, any number of times. */
    void close() {
        closed = true;
        reservation.close();
    }

    @Override
    public void onDataAvailable() throws IOException {
        byte[] piece = new byte[PIECE];
        // To Payara and GlassFish a body is finished that has come, though nobody has read it: ask afterwards.
        while (!closed && !told && input.isReady()) {
            int read = input.read(piece);
            if (read < 0) {
                break;
            }
            take(piece, read);
        }
        if (!closed && input.isFinished()) {
            onAllDataRead(); // they do not call it if all was at hand at once
        }
    }

    @Override
    public void onAllDataRead() {
        if (told) {
            return;
        }
        told = true;
        if (fault != null) {
            receiver.refused(fault);
        } else {
            byte[] body = bytes;
            bytes = new byte[0]; // what is reserved stays so until it is closed
            receiver.received(body, length);
        }
    }

    @Override
    public void onError(Throwable cause) {
        if (!told) {
            told = true;
            receiver.clientGone();
        }
    }

    private void take(byte[] piece, int read) {
        if (fault == null && length + read > budget.maxBytes()) {
            fault = budget.tooLarge();
        } else if (fault == null && !makeRoom(read)) {
            fault = budget.noRoom();
        }
        if (fault == null) {
            System.arraycopy(piece, 0, bytes, length, read);
            length += read;
            return;
        }
        bytes = new byte[0];
        reservation.close();
        thrownAway += read;
        if (thrownAway > THROWN_AWAY) {
            told = true;
            receiver.refused(fault);
        }
    }

    private boolean makeRoom(int more) {
        int needed = length + more;
        if (needed <= bytes.length) {
            return true;
        }
        long enough = Math.max(needed, 2L * bytes.length);
        // Never by what is announced alone: it costs a client nothing to announce.
        long most = announced >= needed ? announced : budget.maxBytes();
        int larger = (int) Math.min(Math.min(enough, most), budget.maxBytes());
        if (!reservation.grow(larger - bytes.length)) {
            return false;
        }
        bytes = Arrays.copyOf(bytes, larger);
        return true;
    }
}
