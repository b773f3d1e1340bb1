package dev.sluice.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With real sockets, because this depends on what the operating system reports about them. */
class ClientWatchTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void client_leaves_isToldOnce(boolean byReset) throws Exception {
        ClientWatch watch = started(watch(ClientWatch::isAtEnd));
        Pair leaving = tcp();
        Pair staying = tcp();
        AtomicInteger told = new AtomicInteger();
        AtomicInteger toldOfTheOther = new AtomicInteger();
        watch.watch(leaving.server, told::incrementAndGet);
        watch.watch(staying.server, toldOfTheOther::incrementAndGet);
        if (byReset) {
            leaving.client.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        leaving.client.close();
        Eventually.until("it is told", PATIENCE, told::get, times -> times > 0);
        awaitLooks(watch, 3);
        assertThat(told).hasValue(1);
        assertThat(toldOfTheOther).hasValue(0);
    }

    @Test
    void client_leavesBeforeItIsWatched_isTold() throws Exception {
        ClientWatch watch = started(watch(ClientWatch::isAtEnd));
        Pair pair = tcp();
        pair.client.close();
        CountDownLatch told = new CountDownLatch(1);
        watch.watch(pair.server, told::countDown);
        assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void client_sendsItsNextRequest_isNotTold_andNothingIsTakenOfIt() throws Exception {
        Looks looks = new Looks();
        ClientWatch watch = started(watch(looks));
        Pair pair = tcp();
        AtomicInteger told = new AtomicInteger();
        watch.watch(pair.server, told::incrementAndGet);
        pair.client.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        looks.awaitAny(pair.server);
        awaitLooks(watch, 2);
        assertThat(told).hasValue(0);
        ByteBuffer read = ByteBuffer.allocate(10);
        assertThat(pair.server.read(read)).isEqualTo(3);
    }

    /** As if the container had read between the two checks. */
    @Test
    void client_whoseEndIsSeenOnceOnly_isNotTold() throws Exception {
        Pair pair = tcp();
        AtomicInteger asked = new AtomicInteger();
        ClientWatch watch = started(watch(of(pair, () -> asked.incrementAndGet() == 1)));
        AtomicInteger told = new AtomicInteger();
        watch.watch(pair.server, told::incrementAndGet);
        pair.client.write(ByteBuffer.wrap(new byte[] {1}));
        Eventually.until("it is asked again", PATIENCE, asked::get, times -> times == 2);
        awaitLooks(watch, 1);
        assertThat(told).hasValue(0);
    }

    /** At one check it is readable without any bytes; at the next it is not even readable; and so on. */
    @Test
    void client_whoseEndIsSeenNowAndThen_isNotTold() throws Exception {
        Pair pair = tcp();
        AtomicInteger asked = new AtomicInteger();
        ClientWatch watch = started(watch(of(pair, () -> {
            pair.server.read(ByteBuffer.allocate(1)); // the container has read it first
            asked.incrementAndGet();
            return true;
        })));
        AtomicInteger told = new AtomicInteger();
        watch.watch(pair.server, told::incrementAndGet);
        for (int i = 1; i <= 3; i++) {
            int times = i;
            pair.client.write(ByteBuffer.wrap(new byte[] {1}));
            Eventually.until("it is asked", PATIENCE, () -> asked.get() == times);
            awaitLooks(watch, 1);
        }
        assertThat(told).hasValue(0);
    }

    @Test
    void client_noLongerWatched_isNotTold_andMayBeWatchedAgain() throws Exception {
        ClientWatch watch = started(watch(ClientWatch::isAtEnd));
        Pair pair = tcp();
        AtomicInteger told = new AtomicInteger();
        for (int i = 0; i < 20; i++) { // some watches are stopped before the channel is registered, some after
            ClientWatch.Watched watched = watch.watch(pair.server, told::incrementAndGet);
            if (i % 10 == 9) {
                awaitLooks(watch, 1);
            }
            watched.stop();
            watched.stop();
        }
        CountDownLatch toldAgain = new CountDownLatch(1);
        watch.watch(pair.server, toldAgain::countDown);
        pair.client.close();
        assertThat(toldAgain.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(told).hasValue(0);
    }

    /** A Unix-domain socket cannot be asked how much there is to read. */
    @Test
    void channel_thatCannotBeAsked_leavesTheOthersWatched(@TempDir Path directory) throws Exception {
        Looks looks = new Looks();
        ClientWatch watch = started(watch(looks));
        Pair unasked = unixDomain(directory);
        AtomicInteger toldOfIt = new AtomicInteger();
        watch.watch(unasked.server, toldOfIt::incrementAndGet);
        unasked.client.close();
        looks.awaitAny(unasked.server);
        CountDownLatch told = new CountDownLatch(5);
        for (int i = 0; i < 5; i++) {
            Pair pair = tcp();
            watch.watch(pair.server, told::countDown);
            pair.client.close();
        }
        assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(toldOfIt).hasValue(0);
    }

    @Test
    void listener_thatThrows_leavesTheOthersWatched() throws Exception {
        ClientWatch watch = started(watch(ClientWatch::isAtEnd));
        CountDownLatch told = new CountDownLatch(5);
        for (int i = 0; i < 5; i++) {
            Pair pair = tcp();
            watch.watch(pair.server, () -> {
                told.countDown();
                throw new IllegalStateException("a bug");
            });
            pair.client.close();
        }
        assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void stop_leavesNoThread_andHoldsNoChannelBack() throws Exception {
        ClientWatch watch = watch(ClientWatch::isAtEnd);
        watch.start();
        Pair pair = tcp();
        watch.watch(pair.server, () -> {});
        awaitLooks(watch, 2);
        watch.stop();
        assertThat(pair.server.isRegistered()).isFalse();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("sluice-clients");
    }

    /** Waits for this number of checks from now on. */
    private void awaitLooks(ClientWatch watch, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            Pair marker = tcp();
            marker.client.close();
            CountDownLatch seen = new CountDownLatch(1);
            watch.watch(marker.server, seen::countDown);
            // For a client that has left, the first check registers it, the second one suspects it, and the third one
            // reports it.
            assertThat(seen.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** With shorter pauses than usual, so that the tests do not take long. */
    private static ClientWatch watch(Predicate<SocketChannel> atEnd) {
        return new ClientWatch(atEnd, Duration.ofMillis(20));
    }

    private ClientWatch started(ClientWatch watch) {
        watch.start();
        opened.add(watch::stop);
        return watch;
    }

    private Pair tcp() throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            return pair(SocketChannel.open(listener.getLocalAddress()), listener);
        }
    }

    private Pair unixDomain(Path directory) throws IOException {
        Path file = directory.resolve("socket");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(file));
            return pair(SocketChannel.open(UnixDomainSocketAddress.of(file)), listener);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private Pair pair(SocketChannel client, ServerSocketChannel listener) throws IOException {
        opened.add(client);
        SocketChannel server = listener.accept();
        opened.add(server);
        server.configureBlocking(false);
        return new Pair(client, server);
    }

    /** A check with a given result for one channel, and the real check for all others. */
    private static Predicate<SocketChannel> of(Pair pair, Callable<Boolean> seen) {
        return channel -> {
            try {
                return channel.equals(pair.server) ? seen.call() : ClientWatch.isAtEnd(channel);
            } catch (Exception fault) {
                throw new AssertionError(fault);
            }
        };
    }

    private record Pair(SocketChannel client, SocketChannel server) {}

    /** The real check, which records the channels. */
    private static final class Looks implements Predicate<SocketChannel> {
        private final Set<SocketChannel> asked = ConcurrentHashMap.newKeySet();

        @Override
        public boolean test(SocketChannel channel) {
            asked.add(channel);
            return ClientWatch.isAtEnd(channel);
        }

        void awaitAny(SocketChannel channel) {
            Eventually.until("it was looked at", PATIENCE, () -> asked.contains(channel));
        }
    }
}
