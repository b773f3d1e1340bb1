package dev.sluice.upstream.jetty;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The system's selector, changed for many sockets that have little data at a time. There are two differences.
 *
 * <p>The selected keys are in a list. The JDK has them in a hash table, which grows to the largest number of keys that were
 * ever selected at once and never shrinks. An iteration visits all of that table. If a thousand streams were once opened at
 * the same time, this would later cost more for each token than the system call.
 *
 * <p>If the last call has selected several sockets, {@link Thread#yield} is called before the next one. Threads that send
 * and read tokens can then run, and the next read and write move more tokens at once. If no thread waits for the core, this
 * costs one short system call. If only one socket was selected, it is not called, so that a lone stream is not delayed.
 *
 * <p>The keys are those of the system's selector: {@code key.selector()} is not this, and {@code channel.keyFor(this)} is
 * null. For threads the same rules hold as for any selector.
 */
final class TokenSelector extends AbstractSelector {
    private final Selector system;

    /** Guarded by the thread that selects, which clears this before it selects again. */
    private final List<SelectionKey> selected = new ArrayList<>();

    /** The number of keys that the last call has selected. Guarded by the thread that selects. */
    private int found;

    private final Set<SelectionKey> view = new View();
    private final Consumer<SelectionKey> keep = selected::add;

    private TokenSelector(Selector system) {
        super(SelectorProvider.provider());
        this.system = system;
    }

    /** @throws IOException if the system cannot open a selector */
    static Selector openNew() throws IOException {
        return new TokenSelector(Selector.open());
    }

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int operations, Object attachment) {
        try {
            return channel.register(system, operations, attachment);
        } catch (IOException closed) {
            throw new UncheckedIOException(closed); // the caller has checked this, but it was closed in the meantime
        }
    }

    @Override
    public int select() throws IOException {
        yieldIfBusy();
        found = system.select(keep);
        return found;
    }

    @Override
    public int select(long timeoutMillis) throws IOException {
        yieldIfBusy();
        found = system.select(keep, timeoutMillis);
        return found;
    }

    @SuppressWarnings("ThreadPriorityCheck") // only the amount of data for each call depends on it
    private void yieldIfBusy() {
        if (found > 1) {
            Thread.yield();
        }
    }

    @Override
    public int selectNow() throws IOException {
        return system.selectNow(keep);
    }

    @Override
    public Selector wakeup() {
        system.wakeup();
        return this;
    }

    @Override
    public Set<SelectionKey> keys() {
        return system.keys();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        return view;
    }

    @Override
    protected void implCloseSelector() throws IOException {
        system.close();
    }

    /**
     * The selected keys. On systems that report readable and writable separately (macOS) a key may be in it twice. That is
     * harmless, because Jetty checks for which operations a key is ready.
     */
    private final class View extends AbstractSet<SelectionKey> {
        /** Ends at the current end of the list, even if the list is cleared during the iteration. */
        @Override
        public Iterator<SelectionKey> iterator() {
            return new Iterator<>() {
                private int next;

                @Override
                public boolean hasNext() {
                    return next < selected.size();
                }

                @Override
                public SelectionKey next() {
                    if (!hasNext()) {
                        throw new NoSuchElementException();
                    }
                    return selected.get(next++);
                }
            };
        }

        @Override
        public int size() {
            return selected.size();
        }

        @Override
        public void clear() {
            selected.clear();
        }
    }
}
