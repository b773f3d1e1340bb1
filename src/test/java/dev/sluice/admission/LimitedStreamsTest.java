package dev.sluice.admission;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.Admission.Admitted;
import dev.sluice.chat.Failure;
import dev.sluice.config.Plan;
import dev.sluice.config.Plan.Per;
import dev.sluice.config.Rate;
import dev.sluice.config.Rate.Period;
import dev.sluice.config.Settings;
import dev.sluice.relay.FakeDownstream;
import dev.sluice.relay.FakeUpstream;
import dev.sluice.relay.Limits;
import dev.sluice.relay.ManualClock;
import dev.sluice.relay.PlainTranslator;
import dev.sluice.relay.Relay;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamListener.Asked;
import dev.sluice.relay.StreamListener.Opened;
import dev.sluice.relay.StreamMetrics;
import dev.sluice.relay.StreamSummary;
import dev.sluice.relay.Streams;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of one account that run and end in any order. Whatever the ends are, each is settled once. */
final class LimitedStreamsTest {
    private static final Limits LIMITS =
            new Limits(Duration.ofSeconds(30), Duration.ofSeconds(40), Duration.ofSeconds(15), 256);
    private static final Failure DRAINING = Failure.unavailable("draining", "draining", "", Duration.ofSeconds(1));
    private static final Opened OPENED = Requests.OPENED;
    private static final Asked ASKED = Requests.ASKED;
    private static final Plan PLAN = new Plan(
            "team",
            List.of(),
            1_000_000,
            List.of(new Rate(1_000_000, Period.DAY)),
            List.of(new Rate(1_000_000_000_000L, Period.DAY)),
            null,
            1_000,
            Per.CALLER);

    private final ManualClock clock = new ManualClock();
    private final Accounts accounts =
            new Accounts(new ManualClock()); // whose time stands still, so nothing is regained
    private final Plans plans = new Plans(
            new Settings.Plans(new TreeMap<>(Map.of("team", PLAN)), Map.of(), new TreeMap<>(Map.of("team", "team"))));
    private final PlanAdmission admission = new PlanAdmission(plans, accounts);
    private final Streams streams = new Streams(clock, Runnable::run, new StreamMetrics());
    private final List<One> all = new ArrayList<>();
    private long reported;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void streams_thatEndInAnyWayAndOrder_areSettledOnceEach(long seed) {
        Random random = new Random(seed);
        for (int step = 0; step < 10_000; step++) {
            if (random.nextInt(20) == 0) {
                all.add(new One());
            } else if (random.nextInt(200) == 0) {
                clock.pass(random.nextInt(70_000));
            } else if (!all.isEmpty()) {
                one(random).step(random.nextInt(40));
            }
            if (step % 100 == 0) {
                assertLevels();
            }
        }
        for (One one : all) { // as when the server stops
            one.relay.refuse(DRAINING);
            one.relay.letGo();
        }
        assertThat(all).hasSizeGreaterThan(300).allMatch(one -> one.ends == 1);
        assertLevels();
        assertThat(levels()).extracting(Level::held).containsOnly(0L);
        assertThat(reported).isPositive();
    }

    @Test
    void stream_thatEndsBeforeItsDecision_isSettledWithNothing() {
        One one = new One(false);
        one.downstream.leave();
        one.relay.wake();
        one.decide();
        assertThat(one.ends).isEqualTo(1);
        assertThat(levels()).extracting(Level::held).containsOnly(0L);
        assertThat(levels().get(2).spent()).isZero();
    }

    @Test
    void listener_thatThrows_keepsNobodyFromSettling() {
        One one = new One(false);
        one.relay.join(new StreamListener() {
            @Override
            public void ended(StreamSummary summary) {
                throw new IllegalStateException("by the test");
            }
        });
        one.decide();
        one.step(0);
        one.downstream.leave();
        one.relay.wake();
        assertThat(levels()).extracting(Level::held).containsOnly(0L);
        assertThat(levels().get(2).spent()).isEqualTo(25 + 1);
    }

    @Test
    void server_drains_settlesWhatCameAndWhatWasNotAsked() throws InterruptedException {
        One running = new One();
        running.step(0);
        new One();
        One waiting = new One(false);
        streams.drain(Duration.ZERO);
        waiting.decide();
        assertThat(all).isEmpty();
        assertThat(levels()).extracting(Level::held).containsOnly(0L);
        assertThat(levels().get(2).spent())
                .as("one prompt with a piece, and one prompt")
                .isEqualTo(25 + 1 + 25);
    }

    private One one(Random random) {
        // Mostly one of the latest, so that many streams are in the middle of their answers.
        return all.get(Math.max(0, all.size() - 1 - random.nextInt(40)));
    }

    private void assertLevels() {
        long open = all.stream().filter(one -> one.ends == 0).count();
        List<Level> levels = levels();
        assertThat(levels.get(0).held()).as("streams held").isEqualTo(open);
        assertThat(levels.get(1).spent()).as("requests spent").isEqualTo(all.size());
        assertThat(levels.get(2).held()).as("tokens held").isEqualTo(open * 1_025);
        assertThat(levels.get(2).spent()).as("tokens spent").isEqualTo(reported);
    }

    private List<Level> levels() {
        List<Level> levels = new ArrayList<>();
        accounts.read(requireNonNull(plans.of(OPENED.caller())).account(), levels::addAll);
        return levels;
    }

    /** One stream, from its request on. */
    private final class One implements StreamListener {
        private final FakeUpstream upstream = new FakeUpstream();
        private final FakeDownstream downstream = new FakeDownstream();
        private final Relay relay = streams.open(LIMITS, downstream, OPENED, this, List.of());
        private int ends;

        One() {
            this(true);
        }

        One(boolean decided) {
            relay.asked(ASKED);
            relay.received();
            if (decided) {
                decide();
            }
        }

        void decide() {
            Admitted admitted = (Admitted) admission.ask(OPENED, ASKED);
            relay.join(requireNonNull(admitted.listener()));
            relay.passOn(upstream, new PlainTranslator(true));
        }

        void step(int what) {
            if (upstream.isOver()) {
                return;
            }
            switch (what) {
                case 1 -> say("data: [DONE]\n\n");
                case 2 -> say("data: !\n\n");
                case 3 -> say("data: bug\n\n");
                case 4 -> {
                    downstream.leave();
                    relay.wake();
                }
                case 5 -> relay.refuse(DRAINING);
                case 6 -> relay.letGo();
                case 7 -> say(": alive\n\n");
                default -> say("data: a\n\n");
            }
        }

        private void say(String event) {
            upstream.give(event.getBytes(US_ASCII));
        }

        /** By what was told of it, as the documents say. */
        @Override
        public void ended(StreamSummary summary) {
            ends++;
            reported += summary.mayHaveWorked() ? 25 + summary.tokens() : 0;
        }
    }
}
