package dev.sluice.interleaving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whether known bugs are found. */
@Timeout(30)
final class InterleavingsTest {
    /** Two threads increment a number without a lock. */
    private static final class Counting implements Play {
        private int count;

        @Override
        public Map<String, Runnable> threads() {
            return new TreeMap<>(Map.of("a", this::add, "b", this::add));
        }

        private void add() {
            Interleavings.step("read");
            int seen = count;
            Interleavings.step("write");
            count = seen + 1;
        }

        @Override
        public void check() {
            assertThat(count).as("count").isEqualTo(2);
        }
    }

    /** Waits for the other thread, which may have signalled already or never does. */
    private static final class Waiting implements Play {
        private final boolean says;
        private boolean said;
        private boolean heard;

        Waiting(boolean says) {
            this.says = says;
        }

        @Override
        public Map<String, Runnable> threads() {
            return new TreeMap<>(Map.of("hears", this::hear, "says", this::say));
        }

        private void hear() {
            heard = Interleavings.await(() -> said);
        }

        private void say() {
            Interleavings.step("say");
            said = says;
        }

        @Override
        public void check() {
            assertThat(heard).as("heard").isEqualTo(says);
        }
    }

    @Test
    void lostUpdate_isFoundWithItsOrder_onlyIfThreadsArePreempted() {
        assertThat(Interleavings.tryAll(0, Counting::new)).as("orders").isEqualTo(2);
        assertThatThrownBy(() -> Interleavings.tryAll(1, Counting::new))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("a: read\n  b: read");
    }

    @Test
    void wait_endsWhenItIsTrue_andInVainWhenNobodyCanGoOn() {
        assertThat(Interleavings.tryAll(2, () -> new Waiting(true))).isGreaterThan(1);
        assertThat(Interleavings.tryAll(2, () -> new Waiting(false))).isGreaterThan(1);
    }
}
