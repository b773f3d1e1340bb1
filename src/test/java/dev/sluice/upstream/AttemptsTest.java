package dev.sluice.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.Passed;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.dialect.openai.ChatCompletions;
import dev.sluice.relay.FakeDownstream;
import dev.sluice.relay.FakeUpstream;
import dev.sluice.relay.Limits;
import dev.sluice.relay.ManualClock;
import dev.sluice.relay.PlainTranslator;
import dev.sluice.relay.RecordingListener;
import dev.sluice.relay.Relay;
import dev.sluice.relay.StreamMetrics;
import dev.sluice.relay.UpstreamTimeouts;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The calls of a stream's listeners for attempts that fail and for those that follow. */
class AttemptsTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final LocalAnswer BUSY = new LocalAnswer.Refused(503, null, "{}");
    private static final LocalAnswer UNKNOWN = new LocalAnswer.Refused(404, null, "{}");

    private final ManualClock clock = new ManualClock();
    private final FakeDownstream downstream = new FakeDownstream();
    private final RecordingListener listener = new RecordingListener();
    private final Relay relay = new Relay(
            downstream, new Limits(LONG, LONG, LONG, 1000), clock, Runnable::run, new StreamMetrics(), ended -> {});

    AttemptsTest() {
        relay.join(listener);
    }

    @Test
    void provider_busy_isAskedAgainAfterAPause() {
        ask(new Target(provider("first", BUSY, answer()), "m"));
        assertThat(listener.heard).containsExactly("began first/m 1", "FAILED first/m 1 upstream_503");
        clock.pass(1_000);
        assertThat(listener.heard).hasSize(6).endsWith("ANSWERED first/m 2", "ended WHOLE");
        assertThat(listener.heard.get(2)).isEqualTo("began first/m 2");
        assertThat(listener.heard.get(3)).startsWith("first token after ");
    }

    @Test
    void provider_thatDoesNotKnowTheModel_isFollowedByTheNextOneAtOnce() {
        ask(new Target(provider("first", UNKNOWN), "one"), new Target(provider("second", answer()), "two"));
        assertThat(listener.heard)
                .containsExactly(
                        "began first/one 1",
                        "FAILED first/one 1 upstream_404",
                        "began second/two 2",
                        "first token after 0 ms",
                        "ANSWERED second/two 2",
                        "ended WHOLE");
    }

    @Test
    void providers_thatAllRefuse_areEachToldOnce() {
        ask(new Target(provider("first", UNKNOWN), null), new Target(provider("second", UNKNOWN), null));
        assertThat(listener.heard)
                .containsExactly(
                        "began first/null 1",
                        "FAILED first/null 1 upstream_404",
                        "began second/null 2",
                        "FAILED second/null 2 upstream_404",
                        "ended REFUSED");
    }

    @Test
    void provider_withoutRoom_isAnAttemptToo() {
        Provider full = provider("full");
        assertThat(full.tryAcquire()).isTrue();
        ask(new Target(full, null), new Target(provider("second", answer()), null));
        assertThat(listener.heard)
                .startsWith("began full/null 1", "FAILED full/null 1 no_room", "began second/null 2")
                .endsWith("ended WHOLE");
    }

    @Test
    void client_thatLeavesDuringThePause_endsNoFurtherAttempt() {
        ask(new Target(provider("first", BUSY, answer()), "m"));
        downstream.leave();
        relay.wake();
        clock.pass(10_000);
        assertThat(listener.heard)
                .containsExactly("began first/m 1", "FAILED first/m 1 upstream_503", "ended CLIENT_GONE");
    }

    private void ask(Target... targets) {
        HeldBody body = new HeldBody(target -> List.of(ByteBuffer.wrap("{}".getBytes(UTF_8))), () -> {});
        relay.passOn(
                new RoutedCall(
                        List.of(targets),
                        new UpstreamRequest(new ChatCompletions(), body, Passed.NONE, true),
                        new RetryPolicy(2, LONG, false),
                        clock),
                new PlainTranslator(true));
    }

    private static LocalAnswer answer() {
        var upstream = new FakeUpstream();
        upstream.give("data: a\n\ndata: [DONE]\n\n".getBytes(UTF_8));
        return new LocalAnswer.Begun(upstream);
    }

    /** A provider that gives these answers, in this order. */
    private Provider provider(String name, LocalAnswer... answers) {
        Deque<LocalAnswer> left = new ArrayDeque<>(List.of(answers));
        return new LocalProvider(
                new Provider.Profile(
                        name,
                        1,
                        new UpstreamTimeouts(LONG, LONG, LONG, LONG),
                        true,
                        false,
                        RequestDefaults.NONE,
                        Set.of("chat-completions")),
                new ProviderWords(List.of()),
                clock,
                Map.of(ChatCompletions.PATH, body -> left.remove()),
                ModelList.of(List.of()));
    }
}
