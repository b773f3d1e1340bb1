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
 * Looks up the addresses of one provider's host, or of its proxy. The system's resolver blocks, for half a minute while a
 * DNS server is down, and Java cannot interrupt it. So it has a thread of its own, which ends when there is nothing to look
 * up. Calls for a name whose lookup is running wait for its result, and each has a timeout of its own. A lookup that hangs
 * thus blocks one thread, however many calls wait for it. (More threads would not help: the JDK runs one lookup of a name
 * at a time.)
 *
 * <p>Any thread may call all methods. Only {@link #stop} blocks.
 */
public final class Lookups implements SocketAddressResolver {
    /** A blocking lookup. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    /** The lookup took longer than the timeout of the call. */
    public static final class LateException extends TimeoutException {
        private static final long serialVersionUID = 1;

        LateException(String host, Duration timeout) {
            super("no address of " + host + " within " + timeout.toMillis() + " ms");
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Lookups.class);

    private static final Duration IDLE = Duration.ofSeconds(10);

    private final Resolver resolver;
    private final Clock clock;
    private final Duration timeout;
    private final ThreadPoolExecutor thread;

    /** The calls that wait, by the host's name. Guarded by itself; code of others is never called with the lock held. */
    private final Map<String, Set<Waiter>> waiting = new HashMap<>();

    /**
     * Uses the system's resolver.
     *
     * @param provider the provider's name, for the name of the thread
     * @param timeout how long a call waits for the result
     */
    public Lookups(String provider, Clock clock, Duration timeout) {
        this(provider, clock, timeout, InetAddress::getAllByName);
    }

    Lookups(String provider, Clock clock, Duration timeout, Resolver resolver) {
        this.resolver = resolver;
        this.clock = clock;
        this.timeout = timeout;
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
        if (waiter.isDone()) { // its timeout expired before it was added
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
     * Ends the thread, and waits up to a second for it. If a lookup hangs, the thread ends when the system's resolver
     * returns.
     */
    public void stop() throws InterruptedException {
        thread.shutdownNow();
        if (!thread.awaitTermination(1, TimeUnit.SECONDS)) {
            LOG.warn("A DNS lookup is still running: its thread ends when the system's resolver returns");
        }
    }

    /** Called by the thread of the lookups. */
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

    /** Removes and returns the calls that wait for this host. Later calls begin a new lookup. */
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

    /** One call that needs an address. Its promise is completed once. */
    private final class Waiter {
        private final String host;
        private final int port;
        private final Promise<List<InetSocketAddress>> promise;
        private final AtomicBoolean done = new AtomicBoolean();
        private final Clock.Alarm alarm;

        Waiter(String host, int port, Promise<List<InetSocketAddress>> promise) {
            this.host = host;
            this.port = port;
            this.promise = promise;
            this.alarm = clock.schedule(this::giveUp, timeout.toNanos());
        }

        boolean isDone() {
            return done.get();
        }

        /** Called by the clock's thread. */
        private void giveUp() {
            forget(this);
            complete(() -> promise.failed(new LateException(host, timeout)));
        }

        void succeed(InetAddress[] addresses) {
            alarm.cancel();
            complete(() -> promise.succeeded(Arrays.stream(addresses)
                    .map(address -> new InetSocketAddress(address, port))
                    .toList()));
        }

        void fail(Throwable cause) {
            alarm.cancel();
            complete(() -> promise.failed(cause));
        }

        /** An exception of one call must not keep the others from their result. */
        private void complete(Runnable completion) {
            if (done.compareAndSet(false, true)) {
                try {
                    completion.run();
                } catch (RuntimeException fault) {
                    LOG.warn("A call failed when it got the address of {}", host, fault);
                }
            }
        }
    }
}
