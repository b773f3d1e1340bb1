package dev.sluice.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The waking of the loop in all interleavings. Each method of the baton is one atomic step, and so is each change of a
 * fact and each check of all facts. So one thread that takes these steps in every order covers all that several threads
 * could do.
 */
class BatonTest {
    private static final int WAKERS = 3;

    @Test
    void take_whileHeld_leavesWordForTheHolder() {
        var baton = new Baton();
        assertThat(baton.take()).isTrue();
        assertThat(baton.take()).isFalse();
        assertThat(baton.take()).isFalse();
        assertThat(baton.pass()).as("word was left").isTrue();
        assertThat(baton.pass()).as("no more word").isFalse();
        assertThat(baton.take()).isTrue();
    }

    @Test
    void wake_underEveryInterleavingOfThreeWakers_losesNoFactAndNeverRunsTwiceAtOnce() {
        Deque<List<Integer>> untried = new ArrayDeque<>(List.of(List.of()));
        int tried = 0;
        while (!untried.isEmpty()) {
            List<Integer> beginning = untried.pop();
            Play play = new Play(beginning);
            if (play.able().isEmpty()) {
                assertThat(play.seen)
                        .as("facts seen at the end of %s", beginning)
                        .isEqualTo(WAKERS);
                tried++;
            }
            for (int waker : play.able()) {
                List<Integer> longer = new ArrayList<>(beginning);
                longer.add(waker);
                untried.push(longer);
            }
        }
        assertThat(tried).as("interleavings").isGreaterThan(1_000);
    }

    /** Three threads that wake one loop, after the given ones have taken one step each. */
    private static final class Play {
        private enum Next {
            SET_FACT,
            TAKE,
            LOOK,
            PASS,
            NOTHING
        }

        private final Baton baton = new Baton();
        private final Next[] next = new Next[WAKERS];
        private int facts;
        private int seen;

        Play(List<Integer> schedule) {
            Arrays.fill(next, Next.SET_FACT);
            for (int waker : schedule) {
                next[waker] = step(next[waker]);
                assertThat(running()).as("runners at once in %s", schedule).isLessThanOrEqualTo(1);
            }
        }

        private Next step(Next step) {
            return switch (step) {
                case SET_FACT -> {
                    facts++;
                    yield Next.TAKE;
                }
                case TAKE -> baton.take() ? Next.LOOK : Next.NOTHING;
                case LOOK -> {
                    seen = facts;
                    yield Next.PASS;
                }
                case PASS -> baton.pass() ? Next.LOOK : Next.NOTHING;
                case NOTHING -> throw new AssertionError("already done");
            };
        }

        List<Integer> able() {
            List<Integer> able = new ArrayList<>();
            for (int waker = 0; waker < WAKERS; waker++) {
                if (next[waker] != Next.NOTHING) {
                    able.add(waker);
                }
            }
            return able;
        }

        private int running() {
            int running = 0;
            for (Next step : next) {
                running += step == Next.LOOK || step == Next.PASS ? 1 : 0;
            }
            return running;
        }
    }
}
