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
 * A socket that is not asked again for what it has just said it does not have. The client reads until nothing comes; where
 * tokens come one by one, each would cost a second read that finds nothing. A read that left room took all there was: what
 * comes later, be it the end, the selector tells.
 */
final class TokenEndPoint extends SocketChannelEndPoint {
    /** Set by the thread that reads, and unset by the selector's: if the two meet, one read too many is all there is. */
    private volatile boolean empty;

    private final SelectionKey key;

    TokenEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
        super(channel, selector, key, scheduler);
        this.key = key;
    }

    /** Called before anything of the socket is waited for. */
    @Override
    public void onOpen() {
        key.attach(this); // Jetty would, but does not know the key of a TokenSelector for its own
        super.onOpen();
    }

    /** Called by the selector's thread. */
    @Override
    public Runnable onSelected() {
        empty = false;
        return super.onSelected();
    }

    /** Whether nothing is there to be read, as far as is known. Any thread. */
    boolean isEmpty() {
        return empty && !isInputShutdown();
    }

    /** @return 0 also without having looked, after which the caller has to wait for the selector */
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
