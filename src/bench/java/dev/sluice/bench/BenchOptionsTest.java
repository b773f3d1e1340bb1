package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Properties;
import org.junit.jupiter.api.Test;

final class BenchOptionsTest {
    @Test
    void options_notGiven_areTheDefaults() {
        BenchOptions options = read();
        assertThat(options.scenarios()).isEqualTo(Scenario.USUAL).doesNotContain("endurance");
        assertThat(options.dialects()).containsExactly(MeasuredApi.COMPLETIONS, MeasuredApi.CHAT);
        assertThat(options.rounds()).isEqualTo(3);
        assertThat(options.command()).isEqualTo("mvn -Pbench");
    }

    @Test
    void options_given_areInTheCommand() {
        BenchOptions options = read("bench.peers", "none,nginx", "bench.tokens", "1_000", "bench.jvm", "-Xint -Xss1m");
        assertThat(options.peers()).containsExactly("none", "nginx");
        assertThat(options.size("tokens")).isEqualTo(1_000);
        assertThat(options.jvm()).containsExactly("-Xint", "-Xss1m");
        assertThat(options.command())
                .isEqualTo("mvn -Pbench -Dbench.jvm='-Xint -Xss1m' -Dbench.peers=none,nginx -Dbench.tokens=1_000");
    }

    @Test
    void streams_forTokens_areRoundedUp() {
        assertThat(read("bench.stream-tokens", "2000").streamsFor(2_001)).isEqualTo(2);
    }

    @Test
    void option_unknownOrWrong_saysWhatThereIs() {
        assertRefused("No such option: bench.speed; there are, with defaults, -Dbench.scenarios=", "bench.speed", "1");
        assertRefused("bench.scenarios lists some of [flood, ", "bench.scenarios", "flood,hurry");
        assertRefused("bench.rounds is a number from 1", "bench.rounds", "0");
        assertRefused("bench.results is one of [true, false]", "bench.results", "yes");
        assertRefused("a multiple of bench.chunk-tokens", "bench.chunk-tokens", "3");
        assertRefused("bench.short-answers are at most 999999 together", "bench.short-warm-up", "990000");
    }

    @Test
    void scenario_ofEveryName_isKnown() {
        BenchOptions options = read();
        assertThat(Scenario.NAMES).allSatisfy(name -> {
            Scenario scenario = Scenario.of(name, options);
            assertThat(scenario.name()).isEqualTo(name);
            assertThat(scenario.description()).isNotBlank().doesNotContain("%");
        });
    }

    private static void assertRefused(String words, String... properties) {
        assertThatThrownBy(() -> read(properties))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words);
    }

    private static BenchOptions read(String... properties) {
        Properties all = new Properties();
        for (int i = 0; i < properties.length; i += 2) {
            all.setProperty(properties[i], properties[i + 1]);
        }
        return BenchOptions.read(all);
    }
}
