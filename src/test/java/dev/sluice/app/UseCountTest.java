package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The count of users while the thing that they use is replaced, in all interleavings. Each method of the count is one
 * atomic step, and so is each read and each exchange of the current thing. So one thread that takes these steps in
 * every order covers all that several threads could do.
 */
class UseCountTest {
    @Test
    void count_afterItsLastUser_takesNoneAgain() {
        UseCount count = new UseCount();
        assertThat(count.tryAcquire()).isTrue();
        assertThat(count.release()).as("the last of two").isFalse();
        assertThat(count.release()).as("the last of all").isTrue();
        assertThat(count.tryAcquire()).isFalse();
    }

    @Test
    void users_underEveryInterleavingWithTwoReplacements_useNothingClosedAndEachIsClosedOnce() {
        Deque<List<Integer>> untried = new ArrayDeque<>(List.of(List.of()));
        int tried = 0;
        int triedAgain = 0;
        while (!untried.isEmpty()) {
            List<Integer> beginning = untried.pop();
            Play play = new Play(beginning);
            if (play.able().isEmpty()) {
                assertThat(play.closings)
                        .as("closings at the end of %s", beginning)
                        .containsExactly(1, 1, 0);
                tried++;
                triedAgain += play.again > 0 ? 1 : 0;
            }
            for (int actor : play.able()) {
                List<Integer> longer = new ArrayList<>(beginning);
                longer.add(actor);
                untried.push(longer);
            }
        }
        assertThat(tried).as("interleavings").isGreaterThan(10_000);
        assertThat(triedAgain).as("those in which a user came too late for one").isPositive();
    }

    /** Two users, and one thread that replaces what they use twice, after the given ones have taken one step each. */
    private static final class Play {
        private enum Next {
            LOOK,
            ACQUIRE,
            USE,
            RELEASE,
            NOTHING
        }

        private static final int USERS = 2;
        private static final int REPLACER = USERS;

        private final List<UseCount> counts = List.of(new UseCount(), new UseCount(), new UseCount());
        private final int[] closings = new int[counts.size()];
        private final Next[] next = new Next[USERS];
        private final int[] seen = new int[USERS];
        private int newest;
        private int replacerSteps;
        private int again;

        Play(List<Integer> schedule) {
            Arrays.fill(next, Next.LOOK);
            for (int actor : schedule) {
                if (actor == REPLACER) {
                    replace();
                } else {
                    next[actor] = step(actor);
                }
                assertThat(closings[newest])
                        .as("closings of the newest in %s", schedule)
                        .isZero();
                for (int user = 0; user < USERS; user++) {
                    if (next[user] == Next.USE || next[user] == Next.RELEASE) {
                        assertThat(closings[seen[user]])
                                .as("closings of what is used in %s", schedule)
                                .isZero();
                    }
                }
            }
        }

        /** Does what {@link Current#replace} does: it exchanges the thing, and then releases the old one. */
        private void replace() {
            if (replacerSteps % 2 == 0) {
                newest++;
            } else {
                release(newest - 1);
            }
            replacerSteps++;
        }

        /** Does what {@link Current#lease} and the end of the lease do. */
        private Next step(int user) {
            return switch (next[user]) {
                case LOOK -> {
                    seen[user] = newest;
                    yield Next.ACQUIRE;
                }
                case ACQUIRE -> {
                    boolean acquired = counts.get(seen[user]).tryAcquire();
                    again += acquired ? 0 : 1;
                    yield acquired ? Next.USE : Next.LOOK;
                }
                case USE -> Next.RELEASE;
                case RELEASE -> {
                    release(seen[user]);
                    yield Next.NOTHING;
                }
                case NOTHING -> throw new AssertionError("already done");
            };
        }

        private void release(int which) {
            if (counts.get(which).release()) {
                closings[which]++;
            }
        }

        List<Integer> able() {
            List<Integer> able = new ArrayList<>();
            for (int user = 0; user < USERS; user++) {
                if (next[user] != Next.NOTHING) {
                    able.add(user);
                }
            }
            if (replacerSteps < 2 * (counts.size() - 1)) {
                able.add(REPLACER);
            }
            return able;
        }
    }
}
