package dev.sluice.upstream.jetty;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.upstream.ManualClock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.Promise;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** However many calls need an address, at most one thread waits for the system's resolver. */
@Timeout(60)
class LookupsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final InetAddress[] HERE = {InetAddress.getLoopbackAddress()};

    /** The lookups that have begun. Each one blocks until the test completes it. */
    private final BlockingQueue<CompletableFuture<InetAddress[]>> begun = new LinkedBlockingQueue<>();

    private final ManualClock clock = new ManualClock();
    private final Lookups lookups = new Lookups("far", clock, PATIENCE, host -> {
        var answer = new CompletableFuture<InetAddress[]>();
        begun.add(answer);
        try {
            return answer.join();
        } catch (RuntimeException unknown) {
            throw new UnknownHostException(host);
        }
    });

    @AfterEach
    void stop() throws InterruptedException {
        begun.forEach(hanging -> hanging.complete(HERE));
        lookups.stop();
    }

    @Test
    void lookup_whileAnotherForTheNameHangs_sharesItsAnswer() throws Exception {
        List<Call> calls = calls(100);
        CompletableFuture<InetAddress[]> only = next();
        assertThat(threads()).as("threads that look up").isEqualTo(1);
        only.complete(HERE);
        for (Call call : calls) {
            assertThat(call.addresses()).containsExactly(new InetSocketAddress(HERE[0], 443));
        }
        assertThat(begun).as("further lookups").isEmpty();
        clock.awaitNone();
    }

    @Test
    void lookup_thatHangs_endsEachCallWhenItsOwnTimeIsOver() throws Exception {
        Call early = new Call();
        CompletableFuture<InetAddress[]> only = next();
        clock.pass(PATIENCE.dividedBy(2));
        Call later = new Call();
        clock.pass(PATIENCE.dividedBy(2));
        assertThat(early.failure()).isInstanceOf(Lookups.LateException.class);
        assertThat(later.isTold()).as("the later one's time is not over").isFalse();
        only.complete(HERE);
        assertThat(later.addresses()).hasSize(1);
    }

    @Test
    void lookup_afterOneThatHung_isMadeAnew() throws Exception {
        Call first = new Call();
        CompletableFuture<InetAddress[]> hung = next();
        clock.pass(PATIENCE);
        assertThat(first.failure()).isInstanceOf(Lookups.LateException.class);
        hung.completeExceptionally(new UnknownHostException());
        awaitIdleThread();
        Call second = new Call();
        next().complete(HERE);
        assertThat(second.addresses()).hasSize(1);
    }

    @Test
    void name_thatIsUnknown_isToldToAll() throws Exception {
        List<Call> calls = calls(3);
        next().completeExceptionally(new UnknownHostException());
        for (Call call : calls) {
            assertThat(call.failure()).isInstanceOf(UnknownHostException.class);
        }
    }

    @Test
    void call_thatThrows_keepsTheAnswerFromNobody() throws Exception {
        lookups.resolve("far.test", 443, Map.of(), new Promise<>() {
            @Override
            public void succeeded(List<InetSocketAddress> addresses) {
                throw new IllegalStateException("a fault of this call's");
            }
        });
        Call other = new Call();
        next().complete(HERE);
        assertThat(other.addresses()).hasSize(1);
    }

    private List<Call> calls(int count) {
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(new Call());
        }
        return calls;
    }

    private CompletableFuture<InetAddress[]> next() throws InterruptedException {
        CompletableFuture<InetAddress[]> lookup = begun.poll(10, TimeUnit.SECONDS);
        if (lookup == null) {
            throw new AssertionError("Nothing was looked up");
        }
        return lookup;
    }

    /** Waits until the thread has reported its lookup's result, so that the next request starts a new lookup. */
    private void awaitIdleThread() throws Exception {
        var told = new CompletableFuture<List<InetSocketAddress>>();
        lookups.resolve("other.test", 443, Map.of(), Promise.from(told::complete, told::completeExceptionally));
        next().complete(HERE);
        told.get(10, TimeUnit.SECONDS);
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("sluice-dns-far"))
                .count();
    }

    /** A call that needs the address of a host. */
    private final class Call {
        private final CompletableFuture<List<InetSocketAddress>> told = new CompletableFuture<>();

        Call() {
            lookups.resolve("far.test", 443, Map.of(), Promise.from(told::complete, told::completeExceptionally));
        }

        boolean isTold() {
            return told.isDone();
        }

        List<InetSocketAddress> addresses() throws Exception {
            return told.get(10, TimeUnit.SECONDS);
        }

        Throwable failure() throws Exception {
            try {
                throw new AssertionError("answered " + addresses());
            } catch (ExecutionException failed) {
                return requireNonNull(failed.getCause());
            }
        }
    }
}
