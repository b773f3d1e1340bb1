package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.app.Current.Held;
import dev.sluice.web.Lease;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CurrentTest {
    private final List<String> retired = new CopyOnWriteArrayList<>();
    private final Current<String> current = new Current<>("first", retired::add);

    @Test
    void replaced_withoutUsers_isRetiredAtOnce() {
        current.replace("second");
        assertThat(retired).containsExactly("first");
        assertThat(current.get()).isEqualTo("second");
    }

    @Test
    void replaced_withUsers_isRetiredAfterTheLastOfThem() {
        Held<String> one = current.lease();
        Lease<String> other = one.share();
        current.replace("second");
        one.close();
        assertThat(other.value()).isEqualTo("first");
        assertThat(retired).isEmpty();

        other.close();
        assertThat(retired).containsExactly("first");
    }

    @Test
    void lease_closedTwice_countsOnce() {
        Held<String> one = current.lease();
        Held<String> other = current.lease();
        current.replace("second");
        one.close();
        one.close();
        assertThat(retired).isEmpty();
        assertThat(other.value()).isEqualTo("first");

        other.close();
        other.close();
        assertThat(retired).containsExactly("first");
    }

    @Test
    void lease_thatIsClosed_cannotBeShared() {
        Held<String> lease = current.lease();
        lease.close();
        assertThat(lease.tryShare()).isNull();
        assertThatThrownBy(lease::share).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void part_ofALease_keepsTheWhole() {
        Lease<Integer> length = current.lease().of(String::length);
        current.replace("second");
        Lease<Integer> shared = length.share();
        length.close();
        assertThat(shared.value()).isEqualTo(5);
        assertThat(retired).isEmpty();

        shared.close();
        assertThat(retired).containsExactly("first");
    }

    @Test
    void newest_isNeverRetired_whateverItsUsersDo() {
        current.lease().close();
        current.lease().close();
        assertThat(retired).isEmpty();
    }

    @Test
    void threads_thatUseWhatIsReplaced_neverSeeItRetired() throws Exception {
        List<Thing> things = new ArrayList<>();
        Thing first = new Thing();
        things.add(first);
        Current<Thing> thing = new Current<>(first, gone -> gone.retirements.incrementAndGet());
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger used = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> users = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                users.add(threads.submit(() -> {
                    while (!stop.get()) {
                        try (Held<Thing> lease = shared(thing.lease())) {
                            used.incrementAndGet();
                            assertThat(lease.value().retirements).hasValue(0);
                        }
                    }
                }));
            }
            while (things.size() < 2_000 || used.get() < 2_000) {
                Thing next = new Thing();
                things.add(next);
                thing.replace(next);
            }
            stop.set(true);
            for (Future<?> user : users) {
                user.get(30, TimeUnit.SECONDS);
            }
        } finally {
            stop.set(true);
            threads.shutdownNow();
        }
        Thing newest = thing.get();
        assertThat(newest.retirements).hasValue(0);
        assertThat(things).filteredOn(each -> each != newest).allSatisfy(each -> assertThat(each.retirements)
                .hasValue(1));
    }

    /** Like those of a request's filter and of its stream, of which the stream's lasts longer. */
    private static Held<Thing> shared(Held<Thing> lease) {
        try (lease) {
            return lease.share();
        }
    }

    private static final class Thing {
        private final AtomicInteger retirements = new AtomicInteger();
    }
}
