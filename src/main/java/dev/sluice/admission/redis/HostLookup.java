package dev.sluice.admission.redis;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.resolver.InetSocketAddressResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Looks up the store's address. The system's resolver may block for half a minute, and Java cannot interrupt it. So it has a
 * thread of its own, which ends when it has nothing to do. Who asks while a lookup is running gets its result.
 *
 * <p>Any thread may call all methods. Only {@link #close} blocks.
 */
final class HostLookup extends AddressResolverGroup<InetSocketAddress> {
    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(0, 1, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread made = new Thread(task, "sluice-redis-dns");
                made.setDaemon(true);
                return made;
            });

    /** Those who wait for the lookup that is running. Guarded by itself. */
    private final List<Consumer<Result>> waiting = new ArrayList<>();

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new InetSocketAddressResolver(executor, new Names(executor));
    }

    /** Ends the thread, unless a lookup hangs: then it ends with that. */
    @Override
    public void close() {
        super.close();
        thread.shutdownNow();
    }

    private void lookUp(String host, Consumer<Result> waiter) {
        synchronized (waiting) {
            waiting.add(waiter);
            if (waiting.size() > 1) {
                return;
            }
        }
        try {
            thread.execute(() -> answer(result(host)));
        } catch (RejectedExecutionException stopped) {
            answer(new Result(List.of(), new UnknownHostException(host)));
        }
    }

    private void answer(Result result) {
        List<Consumer<Result>> all;
        synchronized (waiting) {
            all = List.copyOf(waiting);
            waiting.clear();
        }
        all.forEach(each -> each.accept(result));
    }

    private static Result result(String host) {
        try {
            return new Result(List.of(InetAddress.getAllByName(host)), new UnknownHostException(host));
        } catch (UnknownHostException unknown) {
            return new Result(List.of(), unknown);
        }
    }

    /** @param fault for the case that there are no addresses */
    private record Result(List<InetAddress> addresses, UnknownHostException fault) {}

    private final class Names extends InetNameResolver {
        Names(EventExecutor executor) {
            super(executor);
        }

        @Override
        protected void doResolve(String host, Promise<InetAddress> promise) {
            lookUp(host, result -> {
                if (result.addresses.isEmpty()) {
                    promise.tryFailure(result.fault);
                } else {
                    promise.trySuccess(result.addresses.get(0));
                }
            });
        }

        @Override
        protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
            lookUp(host, result -> {
                if (result.addresses.isEmpty()) {
                    promise.tryFailure(result.fault);
                } else {
                    promise.trySuccess(result.addresses);
                }
            });
        }
    }
}
