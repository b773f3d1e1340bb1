package dev.sluice.upstream.jetty;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.util.Pool.Entry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LifoPoolTest {
    private static final int MAX = 4;

    private final LifoPool<String> pool = new LifoPool<>(MAX);

    @Test
    void reserve_poolIsFull_isRefusedUntilOneIsRemoved() {
        Entry<String> inUse = add("in use", true);
        add("idle", false);
        Entry<String> reserved = reserve();
        reserve();
        assertThat(pool.reserve()).as("one more than %d", MAX).isNull();
        assertThat(pool.size()).isEqualTo(MAX);
        inUse.remove();
        assertThat(pool.reserve()).as("in the place of one in use").isNotNull();
        reserved.remove();
        assertThat(pool.reserve()).as("in the place of one reserved").isNotNull();
    }

    @Test
    void acquire_nothingIsIdle_isNull() {
        assertThat(pool.acquire()).as("of none").isNull();
        reserve();
        add("in use", true);
        assertThat(pool.acquire()).as("of one reserved and one in use").isNull();
    }

    @Test
    void acquire_someAreIdle_takesTheLatestFirst() {
        add("a", false);
        add("b", false);
        add("c", false);
        Entry<String> c = acquire("c");
        Entry<String> b = acquire("b");
        c.release();
        b.release();
        acquire("b");
        acquire("c");
        acquire("a");
        assertThat(pool.acquire()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void remove_oneOfThoseThatAreIdle_leavesTheOthers(int removed) {
        List<String> names = new ArrayList<>(List.of("a", "b", "c"));
        List<Entry<String>> entries = new ArrayList<>();
        for (String name : names) {
            entries.add(add(name, false));
        }
        assertThat(entries.get(removed).remove()).isTrue();
        names.remove(removed);
        acquire(names.get(1));
        acquire(names.get(0));
        assertThat(pool.acquire()).isNull();
        assertThat(pool.size()).isEqualTo(2);
    }

    @Test
    void entry_eachChange_isInOneState() {
        Entry<String> entry = reserve();
        assertState(entry, true, false, false, false);
        assertThat(entry.getPooled()).isNull();
        assertThat(entry.enable("a", false)).isTrue();
        assertState(entry, false, true, false, false);
        assertThat(acquire("a")).isSameAs(entry);
        assertState(entry, false, false, true, false);
        assertThat(entry.release()).isTrue();
        assertState(entry, false, true, false, false);
        assertThat(entry.remove()).isTrue();
        assertState(entry, false, false, false, true);
    }

    @Test
    void entry_whatDoesNotFitItsState_isRefused() {
        Entry<String> entry = reserve();
        assertThat(entry.release()).as("release, reserved").isFalse();
        entry.enable("a", false);
        assertThat(entry.release()).as("release, idle").isFalse();
        assertThatThrownBy(() -> entry.enable("b", true)).isInstanceOf(IllegalStateException.class);
        entry.remove();
        assertThat(entry.remove()).as("remove, once more").isFalse();
        assertThat(entry.release()).as("release, removed").isFalse();
        assertThat(entry.enable("a", false)).as("enable, removed").isFalse();
        assertThat(pool.acquire()).isNull();
        assertThat(pool.size()).isZero();
    }

    @Test
    void terminate_eachKindOfEntry_canBeRemovedOnlyOnce() {
        Entry<String> reserved = reserve();
        Entry<String> idle = add("idle", false);
        Entry<String> inUse = add("in use", true);
        Collection<Entry<String>> all = pool.terminate();
        assertThat(all).containsExactlyInAnyOrder(reserved, idle, inUse);
        assertThat(pool.isTerminated()).isTrue();
        assertThat(pool.reserve()).isNull();
        assertThat(pool.acquire()).isNull();
        assertThat(reserved.enable("late", false)).isFalse();
        assertThat(inUse.release()).isFalse();
        for (Entry<String> entry : all) {
            assertThat(entry.isTerminated()).isTrue();
            assertThat(entry.remove()).isTrue();
            assertThat(entry.remove()).as("once more").isFalse();
            assertThat(entry.isInUse()).as("in use, removed").isFalse();
        }
        assertThat(pool.size()).isZero();
    }

    @Test
    void counts_ofEachState_areRight() {
        reserve();
        add("idle", false);
        add("in use", true);
        add("in use, too", true);
        assertThat(pool.getReservedCount()).isEqualTo(1);
        assertThat(pool.getIdleCount()).isEqualTo(1);
        assertThat(pool.getInUseCount()).isEqualTo(2);
        assertThat(pool.getMaxSize()).isEqualTo(MAX);
        assertThat(pool).hasToString("LifoPool[4 of 4]");
    }

    /** Many threads call all methods at random. */
    @Test
    void threads_manyAtOnce_neverHaveTheSame() throws Exception {
        var crowd = new Crowd();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<@Nullable Void>> turns = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                var chance = new Random(i);
                turns.add(() -> {
                    for (int turn = 0; turn < 50_000; turn++) {
                        crowd.takeTurn(chance);
                    }
                    return null;
                });
            }
            for (Future<@Nullable Void> turn : threads.invokeAll(turns)) {
                turn.get();
            }
        } finally {
            threads.shutdownNow();
        }
        crowd.assertNoneIsLost();
    }

    private static final class Crowd {
        private final LifoPool<Integer> pool = new LifoPool<>(8);
        private final Set<Entry<Integer>> had = ConcurrentHashMap.newKeySet();
        private final AtomicInteger made = new AtomicInteger();
        private final AtomicInteger removed = new AtomicInteger();

        void takeTurn(Random chance) {
            Entry<Integer> entry =
                    requireNonNull(pool.acquire(entered -> made.incrementAndGet()), "no more than threads");
            assertThat(had.add(entry)).as("had by no other thread").isTrue();
            had.remove(entry);
            if (chance.nextInt(4) == 0) {
                remove(entry);
                return;
            }
            assertThat(entry.release() || entry.isTerminated())
                    .as("back, or closed meanwhile")
                    .isTrue();
            if (chance.nextInt(4) == 0) {
                remove(entry); // as for a connection that closes while another thread has it
            }
        }

        private void remove(Entry<Integer> entry) {
            if (entry.remove()) {
                removed.incrementAndGet();
            }
        }

        void assertNoneIsLost() {
            assertThat(pool.size()).isEqualTo(made.get() - removed.get());
            Set<Entry<Integer>> idle = new HashSet<>();
            for (Entry<Integer> entry = pool.acquire(); entry != null; entry = pool.acquire()) {
                idle.add(entry);
            }
            assertThat(idle).as("those left, each found once").hasSize(pool.size());
        }
    }

    private Entry<String> reserve() {
        return requireNonNull(pool.reserve());
    }

    private Entry<String> add(String name, boolean acquire) {
        Entry<String> entry = reserve();
        assertThat(entry.enable(name, acquire)).isTrue();
        return entry;
    }

    private Entry<String> acquire(String expected) {
        Entry<String> entry = requireNonNull(pool.acquire());
        assertThat(entry.getPooled()).isEqualTo(expected);
        return entry;
    }

    private static void assertState(
            Entry<String> entry, boolean reserved, boolean idle, boolean inUse, boolean terminated) {
        assertThat(entry.isReserved()).as("reserved").isEqualTo(reserved);
        assertThat(entry.isIdle()).as("idle").isEqualTo(idle);
        assertThat(entry.isInUse()).as("in use").isEqualTo(inUse);
        assertThat(entry.isTerminated()).as("terminated").isEqualTo(terminated);
    }
}
