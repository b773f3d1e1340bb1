package dev.sluice.dialect.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.relay.Head.Field;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnthropicLimitsTest {
    private static final Instant NOON = Instant.parse("2026-11-30T12:00:00.5Z");

    @Test
    void limits_haveAnthropicsNames_andOtherHeadersStay() {
        List<Field> fields = List.of(
                new Field("x-ratelimit-limit-requests", "60"),
                new Field("x-ratelimit-remaining-requests", "59"),
                new Field("x-ratelimit-reset-requests", "6s"),
                new Field("x-ratelimit-limit-tokens", "1000"),
                new Field("retry-after-ms", "6000"));

        assertThat(AnthropicLimits.of(fields, NOON))
                .containsExactly(
                        new Field("anthropic-ratelimit-requests-limit", "60"),
                        new Field("anthropic-ratelimit-requests-remaining", "59"),
                        new Field("anthropic-ratelimit-requests-reset", "2026-11-30T12:00:07Z"),
                        new Field("anthropic-ratelimit-tokens-limit", "1000"),
                        new Field("retry-after-ms", "6000"));
    }

    @ParameterizedTest
    @CsvSource({
        "0s, 2026-11-30T12:00:01Z",
        "120ms, 2026-11-30T12:00:01Z",
        "501ms, 2026-11-30T12:00:02Z",
        "59s, 2026-11-30T12:01:00Z",
        "6m0s, 2026-11-30T12:06:01Z",
        "23h59m59s, 2026-12-01T12:00:00Z",
        "soon, 2026-11-30T12:00:01Z"
    })
    void reset_isATimeOfDay(String wait, String time) {
        assertThat(AnthropicLimits.of(List.of(new Field("x-ratelimit-reset-tokens", wait)), NOON))
                .containsExactly(new Field("anthropic-ratelimit-tokens-reset", time));
    }
}
