package dev.sluice.admission.redis;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.admission.Limit;
import dev.sluice.admission.Limit.Unit;
import dev.sluice.admission.redis.SharedAccount.Restoration;
import dev.sluice.config.Rate.Period;
import dev.sluice.relay.Clock;
import dev.sluice.relay.ManualClock;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one node knows of an account, and when it may forget that. */
final class SharedAccountTest {
    private static final List<Limit> LIMITS = List.of(new Limit(Unit.TOKENS, 100, Period.SECOND));

    private final ManualClock clock = new ManualClock();
    private final SharedAccount account = new SharedAccount(new SharedAccount.Key("team", "ada"), 1, clock);

    @Test
    void account_ofWhichTheStoreMayCountAStream_isNotForgotten() {
        account.terms(LIMITS);
        assertThat(account.restoration(1, false)).as("nothing to tell").isNull();
        account.taking();
        assertThat(account.forget(false)).as("while it is asked").isFalse();
        assertThat(account.forget(true)).as("while it is asked").isFalse();
        account.taken(10);
        account.settle(10, 0);
        assertThat(account.forget(true)).as("while the store is told the end").isFalse();
        assertThat(account.isToBeRestored()).isTrue();
        account.counted(1, 0);
        assertThat(account.isToBeRestored()).isFalse();
        assertThat(account.forget(true)).isTrue();
    }

    @Test
    void account_thatTheStoreHasRefused_isForgotten() {
        account.taking();
        account.notTaken();
        assertThat(account.forget(false)).isTrue();
    }

    @Test
    void account_whoseRestorationIsNotAnswered_isRestoredAgain() {
        account.terms(LIMITS);
        assertThat(account.restoration(1, false)).isNull();
        account.taking(); // and never answered
        assertThat(account.restoration(2, false)).isNotNull();
        assertThat(account.isToBeRestored()).as("before its answer").isTrue();
        Restoration second = requireNonNull(account.restoration(3, false));
        account.restored(second);
        assertThat(account.isToBeRestored()).isFalse();
        assertThat(account.forget(false)).isTrue();
    }

    @Test
    void memory_failsBehindATakeAlone_holdsNothing() {
        Failing failing = new Failing();
        SharedAccount alone = new SharedAccount(new SharedAccount.Key("team", "ada"), 1, failing);
        alone.terms(LIMITS);
        failing.worksFor = 1; // the levels before
        assertThatThrownBy(() -> alone.takeAlone(LIMITS, 60, false)).isInstanceOf(OutOfMemoryError.class);
        failing.worksFor = Integer.MAX_VALUE;
        assertThat(alone.levels(LIMITS).get(0).held()).isZero();
    }

    /** A clock that has no memory left after some calls. For one thread. */
    private static final class Failing implements Clock {
        private int worksFor = Integer.MAX_VALUE;

        @Override
        public long nanoTime() {
            if (worksFor-- <= 0) {
                throw new OutOfMemoryError("by the test");
            }
            return 0;
        }

        @Override
        public Alarm schedule(Runnable task, long nanos) {
            throw new UnsupportedOperationException();
        }
    }
}
