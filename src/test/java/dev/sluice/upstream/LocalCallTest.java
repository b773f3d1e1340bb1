package dev.sluice.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.Passed;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.dialect.openai.ChatCompletions;
import dev.sluice.relay.Attempts;
import dev.sluice.relay.Upstream.Reading;
import dev.sluice.relay.UpstreamTimeouts;
import dev.sluice.test.dialect.Parrot;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LocalCallTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final ManualClock clock = new ManualClock();
    private final AtomicInteger wakes = new AtomicInteger();

    @Test
    void refusal_whereAnotherProviderWasAskedBefore_wakesTheStream() {
        assertThatRefusalWakes(provider("second", 404));
    }

    @Test
    void noRoom_whereAnotherProviderWasAskedBefore_wakesTheStream() {
        Provider full = provider("second", 404);
        assertThat(full.tryAcquire()).isTrue();
        assertThatRefusalWakes(full);
    }

    @Test
    void dialect_thatItDoesNotSpeak_isA404() {
        Provider provider = provider("first", 503);
        HeldBody body = new HeldBody(target -> List.of(ByteBuffer.wrap("{}".getBytes(UTF_8))), () -> {});
        ProviderCall call =
                provider.call(new Target(provider, null), new UpstreamRequest(new Parrot(), body, Passed.NONE, true));

        call.start(wakes::incrementAndGet);

        assertThat(call.read(new CallRig.Heard())).isEqualTo(Reading.FAILED);
        assertThat(call.failure().status()).isEqualTo(404);
        assertThat(call.failure().message()).contains("The upstream first does not answer /parrot.");
        assertThat(call.retryClass()).as("another provider may").isEqualTo(RetryClass.ELSEWHERE);
    }

    private void assertThatRefusalWakes(Provider second) {
        Provider first = provider("first", 503);
        HeldBody body = new HeldBody(target -> List.of(ByteBuffer.wrap("{}".getBytes(UTF_8))), () -> {});
        var call = new RoutedCall(
                List.of(new Target(first, null), new Target(second, null)),
                new UpstreamRequest(new ChatCompletions(), body, Passed.NONE, true),
                new RetryPolicy(1, LONG, false),
                clock);
        var unread = new CallRig.Heard();
        call.start(wakes::incrementAndGet, Attempts.UNHEARD);
        wakes.set(0);

        assertThat(call.read(unread)).as("the second is asked").isEqualTo(Reading.NOTHING);
        call.demand();
        assertThat(wakes).hasPositiveValue();
        assertThat(call.read(unread)).isEqualTo(Reading.FAILED);
        assertThat(first.openCalls()).isZero();
    }

    private Provider provider(String name, int status) {
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
                Map.of(ChatCompletions.PATH, body -> new LocalAnswer.Refused(status, null, "{}")),
                ModelList.of(List.of()));
    }
}
