package dev.sluice.servlet;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One request's body, read without blocking and never beyond its bounds. What is too large is read on for a while and
 * thrown away: a client that is still sending when we answer and close would see a reset, not the answer. When memory
 * fails, the client is answered at once, and the connection is closed once the rest was read and thrown away.
 *
 * <p>The methods of {@link ReadListener} are called by the container's threads, one at a time.
 */
final class RequestBody implements ReadListener, Endpoint.Held {
    /** What becomes of a body. Called by the container's threads: one of the first three, or both of the last, once. */
    interface Receiver {
        /** It is whole: the beginning of {@code bytes}, which are the receiver's own from now on. */
        void received(byte[] bytes, int length);

        void refused(Failure failure);

        void clientGone();

        /** It will be refused for this, once the client has sent it. At most once, before {@link #refused}. */
        void faulty(Failure failure);

        /** It is refused now, while it still comes. The rest is read and thrown away until {@link #drained} is called. */
        void refusedWhileItComes(Failure failure);

        /** It was {@link #refusedWhileItComes refused}, and no more of it is read. */
        void drained();
    }

    private static final int PIECE = 8 * 1024;
    private static final byte[] NONE = {};

    private final ServletInputStream input;
    private final long announced; // bytes; -1 if it was not said
    private final BodyLimit limit;
    private final BodyBudget.Reservation reservation;
    private final Receiver receiver;
    private final Growth growth;

    /** Nobody wants the rest. Set by any thread. */
    private volatile boolean closed;

    // Guarded by the container, which calls one method at a time.
    private byte[] bytes = NONE;
    private int length;
    private long came; // bytes
    private @Nullable Failure fault;
    private boolean refusedEarly; // while more comes
    private boolean told; // the last that the receiver hears

    /** @param announced the request's {@code Content-Length}, or -1 */
    RequestBody(ServletInputStream input, long announced, BodyLimit limit, Receiver receiver) {
        this(input, announced, limit, receiver, Arrays::copyOf);
    }

    RequestBody(ServletInputStream input, long announced, BodyLimit limit, Receiver receiver, Growth growth) {
        this.input = input;
        this.announced = announced;
        this.limit = limit;
        this.reservation = limit.budget().open();
        this.receiver = receiver;
        this.growth = growth;
    }

    // ---- What is held: any thread.

    @Override
    public void work(long more) throws InvalidRequestException {
        if (!reservation.work(more)) {
            throw new InvalidRequestException(BodyBudget.noRoom());
        }
    }

    @Override
    public void settle(long rest) throws InvalidRequestException {
        if (!reservation.settle(rest)) {
            throw new InvalidRequestException(BodyBudget.noRoom());
        }
    }

    /** Gives back what is held; nothing more is read. Any number of times. */
    @Override
    public void letGo() {
        closed = true;
        reservation.close();
    }

    // ---- The container's threads.

    @Override
    public void onDataAvailable() throws IOException {
        try {
            byte[] piece = new byte[PIECE];
            // To Payara and GlassFish a body is finished that has come, though nobody has read it: ask afterwards.
            while (!closed && !told && input.isReady()) {
                int read = input.read(piece);
                if (read < 0) {
                    break;
                }
                take(piece, read);
            }
        } catch (OutOfMemoryError none) {
            refuseForMemory();
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
        if (fault != null) {
            tellFault(fault);
        } else {
            told = true;
            byte[] body = bytes;
            bytes = NONE; // what is reserved stays so until it is let go
            receiver.received(body, length);
        }
    }

    @Override
    public void onError(Throwable cause) {
        for (Throwable at = cause; at != null; at = at.getCause()) {
            if (at instanceof OutOfMemoryError) {
                refuseForMemory(); // the container's memory is ours
                return;
            }
        }
        if (!told) {
            told = true;
            receiver.clientGone();
        }
    }

    /** At once: to read on takes memory too. */
    private void refuseForMemory() {
        if (!told) {
            forget();
            tellFault(Failure.noMemory());
        }
    }

    /** Nothing more is read. */
    private void tellFault(Failure reason) {
        told = true;
        if (refusedEarly) {
            receiver.drained();
        } else {
            receiver.refused(reason);
        }
    }

    private void take(byte[] piece, int read) {
        came += read;
        if (fault == null) {
            Failure reason = length + read > limit.maxBytes() ? limit.tooLarge() : makeRoom(read);
            if (reason == null) {
                System.arraycopy(piece, 0, bytes, length, read);
                length += read;
                return;
            }
            fault = reason;
            forget();
            refuse(reason);
        }
        if (came > limit.mostWorthReading()) {
            tellFault(fault);
        }
    }

    /** What has come is held no longer, and what comes is thrown away. */
    private void refuse(Failure reason) {
        if (reason.equals(Failure.noMemory())) { // nobody knows how long the rest takes, nor what it takes until then
            refusedEarly = true;
            receiver.refusedWhileItComes(reason);
        } else {
            receiver.faulty(reason);
        }
    }

    private void forget() {
        bytes = NONE;
        reservation.close();
    }

    /** @return why there is none, if so */
    private @Nullable Failure makeRoom(int more) {
        int needed = length + more;
        if (needed <= bytes.length) {
            return null;
        }
        long enough = Math.max(needed, 2L * bytes.length);
        // Never by what is announced alone: it costs a client nothing to announce.
        long most = announced >= needed ? announced : limit.maxBytes();
        int larger = (int) Math.min(Math.min(enough, most), limit.maxBytes());
        if (!reservation.grow(larger - bytes.length)) {
            return BodyBudget.noRoom();
        }
        try {
            bytes = growth.copyOf(bytes, larger);
            return null;
        } catch (OutOfMemoryError none) {
            return Failure.noMemory();
        }
    }

    /** Makes the larger array that a growing body needs. */
    interface Growth {
        byte[] copyOf(byte[] bytes, int length);
    }
}
