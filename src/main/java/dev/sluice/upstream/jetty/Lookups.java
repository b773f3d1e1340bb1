package dev.sluice.upstream.jetty;

import dev.sluice.relay.Clock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up the addresses of one provider's host (or of the proxy on the way there). The system's resolver blocks, for half
 * a minute while a DNS server is down, and Java has no way to interrupt it. So one thread is given to it, for as long as
 * there is something to look up. Calls that ask for a name that is being looked up already wait for the same answer, and
 * each gives up when its own time is over. However many calls there are, a hanging lookup takes one thread, and it is the
 * thread of nobody else. (More threads would bring nothing: the JDK looks up a name once at a time.)
 *
 * <p>All methods may be called by any thread, and none blocks but {@link #stop}.
 */
public final class Lookups implements SocketAddressResolver {
    /** A lookup, which blocks. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    /** The lookup took longer than the call had time for. */
    public static final class LateException extends TimeoutException {
        private static final long serialVersionUID = 1;

        LateException(String host, Duration patience) {
            super("no address of " + host + " within " + patience.toMillis() + " ms");
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Lookups.class);

    private static final Duration IDLE = Duration.ofSeconds(10);

    private final Resolver resolver;
    private final Clock clock;
    private final Duration patience;
    private final ThreadPoolExecutor thread;

    /** Those who wait, by the name that is being looked up for them; guarded by itself, held for a look only. */
    private final Map<String, Set<Waiter>> waiting = new HashMap<>();

    /**
     * The system's lookups.
     *
     * @param provider in the thread's name
     * @param patience how long a call waits for its answer
     */
    public Lookups(String provider, Clock clock, Duration patience) {
        this(provider, clock, patience, InetAddress::getAllByName);
    }

    Lookups(String provider, Clock clock, Duration patience, Resolver resolver) {
        this.resolver = resolver;
        this.clock = clock;
        this.patience = patience;
        this.thread =
                new ThreadPoolExecutor(1, 1, IDLE.toSeconds(), TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread made = new Thread(task, "sluice-dns-" + provider);
                    made.setDaemon(true);
                    return made;
                });
        thread.allowCoreThreadTimeOut(true);
    }

    @Override
    public void resolve(String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> promise) {
        Waiter waiter = new Waiter(host, port, promise);
        boolean first;
        synchronized (waiting) {
            Set<Waiter> others = waiting.get(host);
            first = others == null;
            if (others == null) {
                others = new LinkedHashSet<>();
                waiting.put(host, others);
            }
            others.add(waiter);
        }
        if (waiter.isTold()) { // its time was over before it was among them
            forget(waiter);
        }
        if (first) {
            try {
                thread.execute(() -> lookUp(host));
            } catch (RejectedExecutionException stopping) {
                taken(host).forEach(each -> each.fail(stopping));
            }
        }
    }

    /**
     * Ends what can be ended. A lookup that hangs keeps its thread until the system's resolver returns; the thread then
     * ends by itself.
     */
    public void stop() throws InterruptedException {
        thread.shutdownNow();
        if (!thread.awaitTermination(1, TimeUnit.SECONDS)) {
            LOG.warn("A DNS lookup is still running: its thread ends when the system's resolver returns");
        }
    }

    /** Our thread. */
    private void lookUp(String host) {
        InetAddress[] addresses;
        try {
            addresses = resolver.addresses(host);
            if (addresses.length == 0) {
                throw new UnknownHostException(host);
            }
        } catch (UnknownHostException | RuntimeException | Error unknown) {
            taken(host).forEach(each -> each.fail(unknown));
            return;
        }
        taken(host).forEach(each -> each.succeed(addresses));
    }

    /** Whoever asks from here on begins a new lookup. */
    private Set<Waiter> taken(String host) {
        synchronized (waiting) {
            Set<Waiter> all = waiting.remove(host);
            return all == null ? Set.of() : all;
        }
    }

    private void forget(Waiter waiter) {
        synchronized (waiting) {
            Set<Waiter> all = waiting.get(waiter.host);
            if (all != null) {
                all.remove(waiter);
            }
        }
    }

    /** One call that needs an address. It is told once. */
    private final class Waiter {
        private final String host;
        private final int port;
        private final Promise<List<InetSocketAddress>> promise;
        private final AtomicBoolean told = new AtomicBoolean();
        private final Clock.Alarm alarm;

        Waiter(String host, int port, Promise<List<InetSocketAddress>> promise) {
            this.host = host;
            this.port = port;
            this.promise = promise;
            this.alarm = clock.schedule(this::giveUp, patience.toNanos());
        }

        boolean isTold() {
            return told.get();
        }

        /** The clock's thread. */
        private void giveUp() {
            forget(this);
            tell(() -> promise.failed(new LateException(host, patience)));
        }

        void succeed(InetAddress[] addresses) {
            alarm.cancel();
            tell(() -> promise.succeeded(Arrays.stream(addresses)
                    .map(address -> new InetSocketAddress(address, port))
                    .toList()));
        }

        void fail(Throwable cause) {
            alarm.cancel();
            tell(() -> promise.failed(cause));
        }

        /** One call's fault must not keep the answer from the others. */
        private void tell(Runnable answer) {
            if (told.compareAndSet(false, true)) {
                try {
                    answer.run();
                } catch (RuntimeException fault) {
                    LOG.warn("A call could not be told the address of its upstream", fault);
                }
            }
        }
    }
}
