package dev.sluice.admission;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.Admission.Admitted;
import dev.sluice.admission.Admission.Asker;
import dev.sluice.admission.Admission.Decision;
import dev.sluice.admission.Admission.Pending;
import dev.sluice.admission.Admission.Refused;
import dev.sluice.chat.Failure;
import dev.sluice.relay.FakeDownstream;
import dev.sluice.relay.FakeUpstream;
import dev.sluice.relay.Limits;
import dev.sluice.relay.ManualClock;
import dev.sluice.relay.PlainTranslator;
import dev.sluice.relay.RecordingListener;
import dev.sluice.relay.Relay;
import dev.sluice.relay.StreamMetrics;
import dev.sluice.relay.StreamMetrics.WaitsFor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two threads make a decision on a request, while the client leaves, the time limit of the decision expires and the
 * server drains. One thread plays all orders of their atomic steps.
 */
final class AdmissionRacesTest {
    private static final Limits LIMITS =
            new Limits(Duration.ofMinutes(10), Duration.ofMinutes(10), Duration.ofMinutes(10), 256);

    private static final Failure DRAINING = Failure.unavailable("draining", "draining", "", Duration.ofSeconds(1));
    private static final Refused REFUSED = new Refused(Failure.invalid(429, "rate_limit_exceeded", "", null));

    /** The threads whose steps are played. */
    private enum Actor {
        /** Makes the stream wait for the decision. */
        CONTAINER,
        /** Makes a decision and carries it out: two more steps, between which the others may take theirs. */
        ONE,
        /** Does the same as {@code ONE}. */
        OTHER,
        CLIENT,
        CLOCK,
        SERVER
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void decision_inEveryOrderWithAllThatEndsTheStream_countsOnceAndIsGivenBackOnce(boolean admits) {
        Deque<List<Actor>> untried = new ArrayDeque<>(List.of(List.of()));
        int tried = 0;
        int passedOn = 0;
        int cancelled = 0;
        while (!untried.isEmpty()) {
            List<Actor> beginning = untried.pop();
            Play play = new Play(beginning, admits);
            List<Actor> able = play.able();
            if (able.isEmpty()) {
                play.assertOver();
                tried++;
                passedOn += play.upstream.isStarted() ? 1 : 0;
                cancelled += play.cancellations;
            }
            for (Actor actor : able) {
                List<Actor> longer = new ArrayList<>(beginning);
                longer.add(actor);
                untried.push(longer);
            }
        }
        assertThat(tried).as("orders").isGreaterThan(700);
        assertThat(cancelled).as("orders in which nobody waited any more").isGreaterThan(100);
        assertThat(passedOn > 100).as("orders in which the upstream was asked").isEqualTo(admits);
    }

    /** One stream, after the given actors have taken one step each. */
    private static final class Play implements Pending {
        private final List<Actor> schedule;
        private final boolean admits;
        private final FakeUpstream upstream = new FakeUpstream();
        private final FakeDownstream downstream = new FakeDownstream();
        private final ManualClock clock = new ManualClock();
        private final StreamMetrics metrics = new StreamMetrics();
        private final RecordingListener listener = new RecordingListener();
        private final Relay relay = new Relay(downstream, LIMITS, clock, Runnable::run, metrics, ended -> {});
        private final AdmissionWait wait = new AdmissionWait(this, this::decided);
        private final Map<Actor, Integer> steps = new EnumMap<>(Actor.class);
        private final Map<Actor, Teller> tellers =
                new EnumMap<>(Map.of(Actor.ONE, new Teller(), Actor.OTHER, new Teller()));
        private @Nullable Asker asker;
        private @Nullable Teller telling;
        private int cancellations;

        Play(List<Actor> schedule, boolean admits) {
            this.schedule = schedule;
            this.admits = admits;
            relay.join(listener);
            relay.received();
            schedule.forEach(this::step);
        }

        List<Actor> able() {
            List<Actor> able = new ArrayList<>();
            for (Actor actor : Actor.values()) {
                boolean can =
                        switch (actor) {
                            case ONE, OTHER ->
                                asker != null && taken(actor) < teller(actor).steps();
                            case CONTAINER -> taken(actor) < 3;
                            case CLIENT, CLOCK, SERVER -> taken(actor) == 0;
                        };
                if (can) {
                    able.add(actor);
                }
            }
            return able;
        }

        private void step(Actor actor) {
            switch (actor) {
                case CONTAINER -> {
                    switch (taken(actor)) { // as AdmissionWait.begin does
                        case 0 -> relay.join(wait);
                        case 1 -> relay.wake();
                        default -> wait.begin();
                    }
                }
                case ONE, OTHER -> teller(actor).step(taken(actor));
                case CLIENT -> {
                    downstream.leave();
                    relay.wake();
                }
                case CLOCK -> clock.pass(6_000);
                case SERVER -> relay.refuse(DRAINING);
            }
            steps.merge(actor, 1, Integer::sum);
        }

        private int taken(Actor actor) {
            return steps.getOrDefault(actor, 0);
        }

        private Teller teller(Actor actor) {
            return requireNonNull(tellers.get(actor));
        }

        @Override
        public void begin(Asker who) {
            assertThat(asker).as("begun twice in %s", schedule).isNull();
            asker = who;
        }

        @Override
        public void cancel() {
            cancellations++;
        }

        /** The servlet carries the decision out at once. Here, the teller does so in steps of its own. */
        private void decided(Decision decision) {
            requireNonNull(telling).counts = true;
        }

        void assertOver() {
            assertThat(downstream.ended())
                    .as("the stream's end in %s", schedule)
                    .isTrue();
            assertThat(listener.ends()).as("the listener's end in %s", schedule).isEqualTo(1);
            assertThat(clock.pending()).as("alarms in %s", schedule).isZero();
            for (WaitsFor whom : WaitsFor.values()) {
                assertThat(metrics.waiting(whom))
                        .as("waiting for %s in %s", whom, schedule)
                        .isZero();
            }
            long counting =
                    tellers.values().stream().filter(teller -> teller.counts).count();
            assertThat(counting).as("decisions in %s", schedule).isEqualTo(asker == null ? 0 : 1);
            for (Teller teller : tellers.values()) {
                assertThat(teller.grant.ends())
                        .as("times that what was granted is given back in %s", schedule)
                        .isEqualTo(teller.counts && admits ? 1 : 0);
            }
            assertThat(cancellations).as("cancellations in %s", schedule).isLessThanOrEqualTo(1);
            if (upstream.isStarted()) {
                assertThat(cancellations)
                        .as("cancelled, but passed on, in %s", schedule)
                        .isZero();
                assertThat(upstream.isOver())
                        .as("the upstream was let go in %s", schedule)
                        .isTrue();
            }
        }

        /** One thread that makes a decision. */
        private final class Teller {
            private final RecordingListener grant = new RecordingListener();
            private boolean counts;

            int steps() {
                return !counts ? 1 : admits ? 3 : 2;
            }

            void step(int number) {
                switch (number) {
                    case 0 -> tell();
                    case 1 -> {
                        if (admits) {
                            relay.join(grant);
                        } else {
                            relay.refuse(REFUSED.failure());
                        }
                    }
                    default -> relay.passOn(upstream, new PlainTranslator(true));
                }
            }

            private void tell() {
                telling = this;
                Decision decision = admits ? new Admitted(grant, List.of()) : REFUSED;
                assertThat(requireNonNull(asker).answer(decision))
                        .as("whether it counts")
                        .isEqualTo(counts);
                telling = null;
            }
        }
    }
}
