package dev.sluice.sse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.IdentityHashMap;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Nobody ever has an array that another has not given back. */
final class SpareArraysTest {
    @Test
    void take_anyOrder_neverGivesAnArrayToTwo() {
        var random = new Random(11);
        IdentityHashMap<byte[], Boolean> taken = new IdentityHashMap<>();
        for (int i = 0; i < 20_000; i++) {
            if (taken.size() < 5 && random.nextBoolean()) {
                int length = random.nextInt(100_000);
                byte[] array = SpareArrays.take(length);
                assertThat(array.length).isGreaterThanOrEqualTo(length);
                assertThat(taken.put(array, true))
                        .as("whether somebody had it already")
                        .isNull();
            } else if (!taken.isEmpty()) {
                byte[] array = taken.keySet().iterator().next();
                taken.remove(array);
                SpareArrays.give(array);
            }
        }
    }

    @Test
    void give_tooManyOrTooLarge_keepsTwo() throws Exception {
        CompletableFuture.runAsync(
                        () -> { // on a thread that has kept none, or whatever it has: the larger ones stay
                            byte[] large = new byte[60_000];
                            byte[] larger = new byte[61_000];
                            byte[] tooLarge = new byte[70_000];
                            byte[] small = new byte[5_000];
                            SpareArrays.give(small);
                            SpareArrays.give(large);
                            SpareArrays.give(tooLarge);
                            SpareArrays.give(larger);
                            assertThat(SpareArrays.take(60_500)).isSameAs(larger);
                            assertThat(SpareArrays.take(59_000)).isSameAs(large);
                            assertThat(SpareArrays.take(4_500)).isNotSameAs(small);
                        })
                .get();
    }
}
