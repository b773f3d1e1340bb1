package dev.sluice.upstream.jetty;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * A socket that saves useless reads. Jetty's client reads until a read returns nothing, so that each lone token would cost
 * two system calls. A read that has not filled its buffer has emptied the socket. Until the selector reports new data or
 * the end, further reads return 0 without a system call.
 */
final class TokenEndPoint extends SocketChannelEndPoint {
    /** Set by the thread that reads, cleared by the selector's thread. If both do so at once, one read is made in vain. */
    private volatile boolean empty;

    private final SelectionKey key;

    TokenEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
        super(channel, selector, key, scheduler);
        this.key = key;
    }

    /** Called by Jetty before the socket is selected for any operation. */
    @Override
    public void onOpen() {
        key.attach(this); // Jetty attaches it itself only if the key's selector is its own
        super.onOpen();
    }

    /** Called by the selector's thread. */
    @Override
    public Runnable onSelected() {
        empty = false;
        return super.onSelected();
    }

    /** Whether the socket is known to have no data. Any thread may call it. */
    boolean isEmpty() {
        return empty && !isInputShutdown();
    }

    /** @return 0 if there is no data, perhaps without a system call; the caller then has to wait for the selector */
    @Override
    public int fill(ByteBuffer buffer) throws IOException {
        if (isEmpty()) {
            return 0;
        }
        int filled = super.fill(buffer);
        if (filled > 0 && BufferUtil.space(buffer) > 0) {
            empty = true;
        }
        return filled;
    }
}
