package dev.sluice.servlet;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.doctor.Examination;
import dev.sluice.doctor.PacedUpstream;
import dev.sluice.relay.FakeDownstream;
import dev.sluice.relay.Limits;
import dev.sluice.relay.ManualClock;
import dev.sluice.relay.Outcome;
import dev.sluice.relay.RecordingListener;
import dev.sluice.relay.Relay;
import dev.sluice.relay.StreamMetrics;
import dev.sluice.relay.StreamSummary;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The doctor's stream through the real loop, with a clock that the test moves. */
final class DoctorStreamTest {
    private static final Limits LIMITS =
            new Limits(Duration.ofSeconds(30), Duration.ofMinutes(2), Duration.ofSeconds(15), 32 * 1024);

    private final ManualClock clock = new ManualClock();
    private final FakeDownstream client = new FakeDownstream();
    private final Semaphore room = new Semaphore(1);
    private final RecordingListener listener = new RecordingListener();

    @Test
    void ticks_comeByTheSchedule_withTheTimeAtWhichTheyWereWritten() {
        play(new Examination(3, Duration.ofMillis(100), Duration.ZERO, true));
        assertThat(client.taken()).isEqualTo("event: hello\ndata: {}\n\n" + tick(1, "0.000"));
        clock.pass(99);
        assertThat(client.taken()).doesNotContain("\"n\":2");
        clock.pass(1);
        assertThat(client.taken()).endsWith(tick(2, "100.000"));
        clock.pass(100);
        assertThat(client.taken())
                .endsWith(tick(3, "200.000") + "event: done\ndata: {\"events\":3,\"sent_ms\":200.000}\n\n");
        assertThat(client.ended()).as("ended").isTrue();
        assertThat(ending().outcome()).isEqualTo(Outcome.WHOLE);
        assertThat(ending().tokens()).as("tokens of a model").isZero();
        assertThat(clock.pending()).as("alarms left").isZero();
        assertThat(room.availablePermits()).as("room again").isEqualTo(1);
    }

    @Test
    void clientThatTakesNothing_getsLaterTicksWithTheTimeOfTheirWriting() {
        Relay relay = play(new Examination(3, Duration.ofMillis(100), Duration.ZERO, true));
        client.takes(false);
        clock.pass(1_000);
        assertThat(client.taken()).endsWith(tick(1, "0.000"));
        client.takes(true);
        relay.wake();
        assertThat(client.taken()).contains(tick(2, "1000.000") + tick(3, "1000.000"));
    }

    @Test
    void silence_isBrokenByHeartbeats_ifTheyAreOn() {
        play(new Examination(1, Duration.ZERO, Duration.ofSeconds(65), true));
        assertThat(client.taken()).endsWith("event: silence\ndata: {\"ms\":65000,\"sent_ms\":0.000}\n\n");
        clock.pass(64_999);
        assertThat(client.taken()).endsWith(": keep-alive\n".repeat(4));
        clock.pass(1);
        assertThat(client.taken())
                .endsWith(tick(2, "65000.000") + "event: done\ndata: {\"events\":2,\"sent_ms\":65000.000}\n\n");
    }

    @Test
    void silence_isSilent_ifTheyAreOff() {
        play(new Examination(1, Duration.ZERO, Duration.ofMinutes(2), false));
        int before = client.taken().length();
        clock.pass(119_999);
        assertThat(client.taken()).hasSize(before);
        clock.pass(1);
        assertThat(client.taken()).contains(tick(2, "120000.000"));
    }

    @Test
    void clientThatLeaves_freesTheRoom() {
        play(new Examination(2, Duration.ofSeconds(10), Duration.ZERO, false));
        assertThat(room.availablePermits()).isZero();
        client.leave();
        clock.pass(10_000);
        assertThat(ending().outcome()).isEqualTo(Outcome.CLIENT_GONE);
        assertThat(room.availablePermits()).isEqualTo(1);
        assertThat(clock.pending()).as("alarms left").isZero();
    }

    @Test
    void tooMany_areRefused() {
        room.drainPermits();
        play(new Examination(2, Duration.ofSeconds(10), Duration.ZERO, false));
        Failure failure = requireNonNull(ending().failure());
        assertThat(failure.status()).isEqualTo(503);
        assertThat(failure.code()).isEqualTo("too_many_examinations");
        assertThat(room.availablePermits()).isZero();
    }

    @Test
    void parameters_absent_haveDefaults() throws Exception {
        assertThat(Examination.of(Map.of()))
                .isEqualTo(new Examination(50, Duration.ofMillis(100), Duration.ZERO, true));
    }

    @Test
    void parameters_given_areTaken() throws Exception {
        assertThat(Examination.of(parameters("events=7&interval-ms=0&silence-ms=120000&heartbeat=off")))
                .isEqualTo(new Examination(7, Duration.ZERO, Duration.ofMinutes(2), false));
    }

    @ParameterizedTest
    @CsvSource({
        "events=0, events",
        "events=1001, events",
        "events=ten, events",
        "events=, events",
        "events=-5, events",
        "events=99999999999999999999, events",
        "interval-ms=10001, interval-ms",
        "silence-ms=120001, silence-ms",
        "heartbeat=yes, heartbeat",
        "events=1000&interval-ms=601, interval-ms",
        "intervall=5, intervall",
        "events=5&events=6, events",
    })
    void parameter_invalid_isNamedWithTheFix(String query, String name) {
        InvalidRequestException refused =
                catchThrowableOfType(InvalidRequestException.class, () -> Examination.of(parameters(query)));
        assertThat(refused).as("refusal of " + query).isNotNull();
        assertThat(refused.failure().status()).isEqualTo(400);
        assertThat(refused.failure().param()).isEqualTo(name);
        assertThat(refused.failure().message()).startsWith("The parameter " + name + " is not valid. ");
    }

    private Relay play(Examination examination) {
        Relay relay = new Relay(client, LIMITS, clock, Runnable::run, new StreamMetrics(), ended -> {});
        relay.join(listener);
        relay.passOn(new PacedUpstream(examination, "{}", clock, room), new DoctorTranslator(examination.heartbeat()));
        return relay;
    }

    private StreamSummary ending() {
        return listener.summary();
    }

    private static String tick(int n, String sent) {
        return "event: tick\ndata: {\"n\":" + n + ",\"sent_ms\":" + sent + "}\n\n";
    }

    private static Map<String, String[]> parameters(String query) {
        Map<String, String[]> parameters = new HashMap<>();
        for (String pair : query.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            String[] known = parameters.getOrDefault(parts[0], new String[0]);
            String[] all = Arrays.copyOf(known, known.length + 1);
            all[known.length] = parts[1];
            parameters.put(parts[0], all);
        }
        return parameters;
    }
}
