package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "grok, grok, true",
                "grok, grok-4, false",
                "grok, GROK, false",
                "grok, '', false",
                "*, anything/at:all, true",
                "*, '', true",
                "*, -, true",
                "**, -, true",
                "grok, -, false",
                "g*, -, false",
                "grok-*, grok-, true",
                "grok-*, grok, false",
                "*-mini, gpt-5-mini, true",
                "*-mini, gpt-5-mini2, false",
                "openai/*-mini, openai/gpt-mini, true",
                "openai/*-mini, openai/-min, false",
                "a*a, a, false",
                "a*a, aa, true",
                "a*b*c, a-b-b-c, true",
                "a*b*c, a-c-b, false",
                "a*bc*c, abc, false",
                "a*bc*c, abcc, true",
                "*a*b*, xxbxxa, false",
                "*a*b*, xxaxxb, true",
                "a**b, ab, true",
                "*.*, a.b, true",
                "a?c, abc, false",
                "[ab], a, false",
            })
    void allows_aNameThatFitsAGlob(String glob, @Nullable String model, boolean allowed) {
        assertThat(plan(List.of("no-such", glob)).allows(model)).isEqualTo(allowed);
    }

    @Test
    void allows_withoutModels_all() {
        assertThat(plan(List.of()).allows("x")).isTrue();
        assertThat(plan(List.of()).allows(null)).isTrue();
    }

    @Test
    @Timeout(10)
    void allows_aNameMadeToBeTriedOften_takesNoTime() {
        Plan plan = plan(List.of("*a".repeat(50) + "b"));
        long began = System.nanoTime();
        assertThat(plan.allows("a".repeat(10_000))).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    }

    private static Plan plan(List<String> models) {
        return new Plan("p", models, null, List.of(), List.of(), null, 1000, Plan.Per.CALLER);
    }
}
