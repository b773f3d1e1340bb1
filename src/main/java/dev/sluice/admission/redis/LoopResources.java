package dev.sluice.admission.redis;

import io.lettuce.core.event.DefaultEventPublisherOptions;
import io.lettuce.core.event.Event;
import io.lettuce.core.event.EventBus;
import io.lettuce.core.event.EventPublisherOptions;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.DnsResolvers;
import io.lettuce.core.resource.EventLoopGroupProvider;
import io.lettuce.core.resource.NettyCustomizer;
import io.lettuce.core.resource.SocketAddressResolver;
import io.lettuce.core.tracing.Tracing;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.Timer;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Flux;

/**
 * What Lettuce runs on: one thread for everything, which belongs to somebody else. Lettuce's own resources would start at least
 * five threads, and need libraries for DNS.
 */
final class LoopResources implements ClientResources {
    private final EventLoop loop;
    private final AddressResolverGroup<?> lookup;
    private final Timer timer;

    LoopResources(EventLoop loop, AddressResolverGroup<?> lookup) {
        this.loop = loop;
        this.lookup = lookup;
        this.timer = new LoopTimer(loop);
    }

    @Override
    public Future<Boolean> shutdown() {
        return loop.newSucceededFuture(true);
    }

    @Override
    public Future<Boolean> shutdown(long quietPeriod, long timeout, TimeUnit unit) {
        return shutdown();
    }

    @Override
    public AddressResolverGroup<?> addressResolverGroup() {
        return lookup;
    }

    @Override
    public EventPublisherOptions commandLatencyPublisherOptions() {
        return DefaultEventPublisherOptions.disabled();
    }

    @Override
    public CommandLatencyRecorder commandLatencyRecorder() {
        return CommandLatencyRecorder.disabled();
    }

    @Override
    public int computationThreadPoolSize() {
        return 1;
    }

    @Override
    public EventBus eventBus() {
        return NoEvents.INSTANCE;
    }

    @Override
    public EventLoopGroupProvider eventLoopGroupProvider() {
        return new OneLoop();
    }

    @Override
    public EventExecutorGroup eventExecutorGroup() {
        return loop;
    }

    @Override
    public int ioThreadPoolSize() {
        return 1;
    }

    @Override
    public NettyCustomizer nettyCustomizer() {
        return new NettyCustomizer() {};
    }

    /** Not called, because connections are not made again. */
    @Override
    public Delay reconnectDelay() {
        return Delay.exponential();
    }

    @Override
    public SocketAddressResolver socketAddressResolver() {
        return SocketAddressResolver.create(DnsResolvers.UNRESOLVED);
    }

    @Override
    public Timer timer() {
        return timer;
    }

    @Override
    public Tracing tracing() {
        return Tracing.disabled();
    }

    @Override
    public Builder mutate() {
        throw new UnsupportedOperationException();
    }

    private final class OneLoop implements EventLoopGroupProvider {
        @Override
        @SuppressWarnings("unchecked") // Lettuce takes it for an EventLoopGroup and no more.
        public <T extends EventLoopGroup> T allocate(Class<T> type) {
            return (T) loop;
        }

        @Override
        public int threadPoolSize() {
            return 1;
        }

        @Override
        public Future<Boolean> release(EventExecutorGroup group, long quietPeriod, long timeout, TimeUnit unit) {
            return loop.newSucceededFuture(true);
        }

        @Override
        public Future<Boolean> shutdown(long quietPeriod, long timeout, TimeUnit unit) {
            return loop.newSucceededFuture(true);
        }
    }

    /** Nobody listens to Lettuce's events. */
    private enum NoEvents implements EventBus {
        INSTANCE;

        @Override
        public Flux<Event> get() {
            return Flux.empty();
        }

        @Override
        public void publish(Event event) {}
    }
}
