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
 * The system's selector, as many sockets want it that bring little at a time. It differs in two things.
 *
 * <p>What it has selected is in a list. The JDK keeps it in a hash table that has room for the most that were ever selected
 * at once and never gives it back; whoever looks through it looks at all of that room. When a thousand streams were opened
 * at once, that costs more for each token, later on, than the call to the system.
 *
 * <p>When several sockets had something, it lets other threads that wait for this core go first, before it looks again.
 * Those who write the tokens and those who read them may be among them, and while they are at work more tokens come
 * together: the next read and write move more of them at once. Where no thread waits, that costs one short call to the
 * system, and where one socket alone had something, nothing, so that a quiet stream's token is not held up.
 *
 * <p>Keys are the system selector's own: {@code key.selector()} is not this, and {@code channel.keyFor(this)} is null.
 * Threads may do with it what they may with any selector.
 */
final class TokenSelector extends AbstractSelector {
    private final Selector system;

    /** Guarded by the thread that selects; it empties this before it selects again. */
    private final List<SelectionKey> selected = new ArrayList<>();

    /** How many were ready when it last waited. Guarded by the thread that selects. */
    private int found;

    private final Set<SelectionKey> view = new View();
    private final Consumer<SelectionKey> keep = selected::add;

    private TokenSelector(Selector system) {
        super(SelectorProvider.provider());
        this.system = system;
    }

    /** @throws IOException if the system has no selector for us */
    static Selector openNew() throws IOException {
        return new TokenSelector(Selector.open());
    }

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int operations, Object attachment) {
        try {
            return channel.register(system, operations, attachment);
        } catch (IOException closed) {
            throw new UncheckedIOException(closed); // this moment: whoever registers has looked before
        }
    }

    @Override
    public int select() throws IOException {
        letOthersGoFirst();
        found = system.select(keep);
        return found;
    }

    @Override
    public int select(long timeoutMillis) throws IOException {
        letOthersGoFirst();
        found = system.select(keep, timeoutMillis);
        return found;
    }

    @SuppressWarnings("ThreadPriorityCheck") // nothing depends on it but how much comes together
    private void letOthersGoFirst() {
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
     * Not quite a set: where the system tells of a channel's reading and writing apart (macOS), a key may be in it twice.
     * To whoever looks at what a key is ready for that makes no difference.
     */
    private final class View extends AbstractSet<SelectionKey> {
        /** Ends where the list does, also when that was emptied meanwhile. */
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
