package dev.sluice.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.kotlinx.lincheck.LinChecker;
import org.jetbrains.kotlinx.lincheck.annotations.Operation;
import org.jetbrains.kotlinx.lincheck.annotations.Validate;
import org.jetbrains.kotlinx.lincheck.strategy.managed.modelchecking.ModelCheckingOptions;
import org.junit.jupiter.api.Test;

/** The waking of the loop, under every interleaving that a model checker finds. */
class BatonTest {
    @Test
    void take_whileFree_givesTheBaton() {
        var baton = new Baton();
        assertThat(baton.take()).isTrue();
        assertThat(baton.take()).isFalse();
        assertThat(baton.pass()).as("word was left").isTrue();
        assertThat(baton.pass()).as("no more word").isFalse();
        assertThat(baton.take()).isTrue();
    }

    @Test
    void wake_underEveryInterleaving_isSeenByExactlyOneRunnerAtATime() {
        LinChecker.check(
                Waking.class,
                new ModelCheckingOptions()
                        .threads(3)
                        .actorsPerThread(2)
                        .iterations(20)
                        .invocationsPerIteration(3_000));
    }

    /** A loop that must see every fact set before a wake, and must never run twice at once. */
    public static class Waking {
        private final Baton baton = new Baton();
        private final AtomicInteger facts = new AtomicInteger();
        private final AtomicInteger runners = new AtomicInteger();
        private volatile int seen;

        @Operation
        public boolean wake() {
            facts.incrementAndGet();
            if (baton.take()) {
                do {
                    if (runners.incrementAndGet() != 1) {
                        throw new IllegalStateException("two runners at once");
                    }
                    seen = facts.get();
                    runners.decrementAndGet();
                } while (baton.pass());
            }
            return true;
        }

        @Validate
        public void everyFactWasSeen() {
            if (seen != facts.get()) {
                throw new IllegalStateException("seen " + seen + " of " + facts.get());
            }
        }
    }
}
