package dev.sluice.simulator;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * A connection in memory: what one end writes the other reads, and each direction holds at most {@link #CAPACITY}
 * bytes. A write that does not fit waits until its reader has made room, as it would on a socket.
 *
 * <p>Jetty's own {@code MemoryEndPointPipe} (12.1.14) will not do here: bounded, it loses the wake-up of a write that
 * meets a read and then hangs, and a write to an end whose peer has closed goes on to succeed.
 *
 * <p>Nothing is lost here because an end first says what it waits for and only then looks, under the lock that both
 * ends share, whether it is there already; and because the other changes what is there under that lock before it looks
 * who waits. Being woken once too often is harmless.
 */
final class MemoryPipe implements EndPoint.Pipe {
    /** The most bytes that are on their way in one direction. */
    static final int CAPACITY = 32 * 1024;

    /** Guards both flows, and what both ends know of each other. Nothing is called out to while it is held. */
    private final Object lock = new Object();

    private final End client;
    private final End server;

    /**
     * @param clientWork runs what the client's end is woken for, and {@code serverWork} the server's: each side's work
     *     stays on its own threads, as if a network were between them
     */
    MemoryPipe(Scheduler clientTimes, Executor clientWork, Scheduler serverTimes, Executor serverWork) {
        Flow request = new Flow();
        Flow response = new Flow();
        client = new End(clientTimes, clientWork, "client", response, request);
        server = new End(serverTimes, serverWork, "simulator", request, response);
        client.peer = server;
        server.peer = client;
    }

    @Override
    public End getLocalEndPoint() {
        return client;
    }

    @Override
    public End getRemoteEndPoint() {
        return server;
    }

    /** One end. */
    final class End extends AbstractEndPoint {
        private final Executor work;
        private final SocketAddress address;
        private final Flow incoming;
        private final Flow outgoing;

        /** Set once, before the pipe is handed out. */
        private @Nullable End peer;

        /** Whether either end has closed. Guarded by the lock. */
        private boolean over;

        /** Guarded by the lock. */
        private @Nullable Runnable whenOver;

        private End(Scheduler times, Executor work, String name, Flow incoming, Flow outgoing) {
            super(times);
            this.work = work;
            this.address = InetSocketAddress.createUnresolved(name, 0);
            this.incoming = incoming;
            this.outgoing = outgoing;
        }

        /**
         * Has the reaction run once, when either end has closed, by whoever closes this one or by this one's own
         * threads; at once if that has happened already. Replaces the reaction set before, and null takes it away. HTTP/1.1 by itself would notice a
         * client that left only with the next read or write.
         */
        void whenOver(@Nullable Runnable reaction) {
            synchronized (lock) {
                whenOver = over ? null : reaction;
                if (!over) {
                    return;
                }
            }
            if (reaction != null) {
                reaction.run();
            }
        }

        @Override
        public int fill(ByteBuffer buffer) throws EofException {
            if (!isOpen()) {
                throw new EofException("closed");
            }
            if (isInputShutdown()) {
                return -1;
            }
            int filled;
            boolean ended;
            synchronized (lock) {
                filled = incoming.take(buffer);
                ended = filled == 0 && incoming.ended;
            }
            if (ended) {
                shutdownInput();
                return -1;
            }
            if (filled > 0) {
                notIdle();
                peer().wakeWriter();
            }
            return filled;
        }

        @Override
        public boolean flush(ByteBuffer... buffers) throws EofException {
            if (!isOpen() || isOutputShutdown()) {
                throw new EofException("closed");
            }
            boolean moved = false;
            boolean whole = true;
            synchronized (lock) {
                if (outgoing.refused) {
                    throw new EofException("closed by the other end");
                }
                for (ByteBuffer buffer : buffers) {
                    moved |= outgoing.put(buffer) > 0;
                    whole &= !buffer.hasRemaining();
                }
            }
            if (moved) {
                notIdle();
                peer().wakeReader();
            }
            return whole;
        }

        @Override
        protected void needsFillInterest() {
            boolean ready;
            synchronized (lock) {
                ready = !incoming.isEmpty() || incoming.ended || !isOpen();
            }
            if (ready) {
                wakeReader();
            }
        }

        @Override
        protected void onIncompleteFlush() {
            boolean ready;
            synchronized (lock) {
                ready = outgoing.hasRoom() || outgoing.refused || !isOpen();
            }
            if (ready) {
                wakeWriter();
            }
        }

        @Override
        protected void doShutdownOutput() {
            synchronized (lock) {
                outgoing.ended = true;
            }
            peer().wakeReader();
        }

        @Override
        protected void doClose() {
            Runnable ours;
            Runnable theirs;
            synchronized (lock) {
                outgoing.ended = true;
                incoming.refuse();
                ours = over();
                theirs = peer().over();
            }
            peer().wakeReader();
            peer().wakeWriter();
            if (ours != null) {
                ours.run(); // Now, for our threads may be about to stop.
            }
            if (theirs != null) {
                peer().run(theirs);
            }
        }

        @Override
        public void onClose(@Nullable Throwable failure) {
            super.onClose(failure);
            Connection connection = getConnection();
            if (connection != null) {
                connection.onClose(failure);
            }
        }

        @Override
        public SocketAddress getLocalSocketAddress() {
            return address;
        }

        @Override
        public SocketAddress getRemoteSocketAddress() {
            return peer().address;
        }

        @Override
        public Object getTransport() {
            return MemoryPipe.this;
        }

        private void wakeReader() {
            if (isFillInterested()) {
                run(getFillInterest()::fillable);
            }
        }

        private void wakeWriter() {
            if (getWriteFlusher().isPending()) {
                run(getWriteFlusher()::completeWrite);
            }
        }

        /** Called with the lock held. */
        private @Nullable Runnable over() {
            Runnable reaction = whenOver;
            over = true;
            whenOver = null;
            return reaction;
        }

        private void run(Runnable task) {
            try {
                work.execute(task);
            } catch (RejectedExecutionException stopped) {
                // This side has stopped its threads: nobody waits here any more.
            }
        }

        private End peer() {
            End other = peer;
            if (other == null) {
                throw new IllegalStateException("half a pipe");
            }
            return other;
        }
    }

    /** Bytes on their way in one direction. All of it is guarded by the lock. */
    private static final class Flow {
        /** What an idle connection, or one that trickles, may keep. */
        private static final int SMALL = 1024;

        /** What is on its way, from 0 to its position; grows with it, and shrinks when all was taken. */
        private ByteBuffer bytes = BufferUtil.EMPTY_BUFFER;

        /** The writer has said its last. */
        private boolean ended;

        /** The reader has closed. */
        private boolean refused;

        boolean isEmpty() {
            return bytes.position() == 0;
        }

        boolean hasRoom() {
            return bytes.position() < CAPACITY;
        }

        int put(ByteBuffer source) {
            int count = Math.min(source.remaining(), CAPACITY - bytes.position());
            if (count > bytes.remaining()) {
                int wanted = Math.max(bytes.position() + count, 2 * bytes.capacity());
                bytes = ByteBuffer.allocate(Math.min(Math.max(wanted, SMALL), CAPACITY))
                        .put(bytes.flip());
            }
            bytes.put(bytes.position(), source, source.position(), count);
            bytes.position(bytes.position() + count);
            source.position(source.position() + count);
            return count;
        }

        /** @param target in flush mode, as Jetty keeps its buffers */
        int take(ByteBuffer target) {
            int start = BufferUtil.flipToFill(target);
            int count = BufferUtil.put(bytes.flip(), target);
            BufferUtil.flipToFlush(target, start);
            bytes.compact();
            if (isEmpty() && bytes.capacity() > SMALL) {
                bytes = BufferUtil.EMPTY_BUFFER;
            }
            return count;
        }

        void refuse() {
            refused = true;
            bytes = BufferUtil.EMPTY_BUFFER;
        }
    }
}
