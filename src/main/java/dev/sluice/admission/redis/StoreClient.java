package dev.sluice.admission.redis;

import dev.sluice.config.StoreUrl;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.ConnectionFuture;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.DefaultEventLoopGroupProvider;
import io.lettuce.core.resource.ThreadFactoryProvider;
import io.lettuce.core.resource.Transports;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lettuce's client, with its one thread. A connection that is lost is not made again by it. */
final class StoreClient {
    private static final Logger LOG = LoggerFactory.getLogger(StoreClient.class);

    /** The time in which a connection is made, and the store is greeted. */
    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /** More steps than this are not answered in time anyway. */
    private static final int MOST_UNANSWERED = 100_000;

    private final StoreUrl url;
    private final HostLookup lookup = new HostLookup();

    /** Set once, by {@link #open}. */
    private volatile @Nullable EventLoopGroup group;

    /** Made by the thread of the loop at its first use, and confined to it. */
    private @Nullable RedisClient client;

    /** Starts nothing. */
    StoreClient(StoreUrl url) {
        this.url = url;
    }

    /** Makes its thread. Called once, before any other method. */
    EventLoop open() {
        ThreadFactory threads = task -> {
            Thread thread = new FastThreadLocalThread(task, "sluice-redis");
            thread.setDaemon(true);
            return thread;
        };
        EventLoopGroup made = new DefaultEventLoopGroupProvider(1, (ThreadFactoryProvider) pool -> threads)
                .allocate(Transports.eventLoopGroupClass());
        group = made;
        return made.next();
    }

    /** Connects. Called by the thread of this loop, which also completes what this returns. */
    CompletionStage<StatefulRedisConnection<String, String>> connect(EventLoop loop) {
        RedisClient made = client;
        if (made == null) {
            made = RedisClient.create(new LoopResources(loop, lookup));
            made.setOptions(options());
            client = made;
        }
        ConnectionFuture<StatefulRedisConnection<String, String>> future =
                made.connectAsync(StringCodec.ASCII, redisUri());
        return future;
    }

    /** Closes all connections and ends the thread. Blocks until then, or for a few seconds. */
    void close() throws InterruptedException {
        EventLoopGroup made = group;
        if (made == null) {
            return;
        }
        made.execute(() -> {
            if (client != null) {
                CompletableFuture<Void> unused = client.shutdownAsync();
            }
            lookup.close();
            Future<?> unused = made.shutdownGracefully(0, 2, TimeUnit.SECONDS);
        });
        if (!made.awaitTermination(5, TimeUnit.SECONDS)) {
            LOG.warn("The thread of the shared store still runs");
        }
    }

    private RedisURI redisUri() {
        RedisURI.Builder uri = RedisURI.builder()
                .withHost(url.host())
                .withPort(url.port())
                .withDatabase(url.database())
                .withSsl(url.tls())
                .withVerifyPeer(true)
                .withClientName("sluice")
                .withTimeout(CONNECT_TIMEOUT);
        if (url.password() != null) {
            if (url.user() != null) {
                uri.withAuthentication(url.user(), url.password().reveal());
            } else {
                uri.withPassword(url.password().reveal().toCharArray());
            }
        }
        return uri.build();
    }

    private static ClientOptions options() {
        return ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(MOST_UNANSWERED)
                .protocolVersion(ProtocolVersion.RESP2)
                .maintNotificationsConfig(MaintNotificationsConfig.disabled())
                .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build())
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(CONNECT_TIMEOUT)
                        .keepAlive(true)
                        .tcpNoDelay(true)
                        .build())
                .build();
    }
}
