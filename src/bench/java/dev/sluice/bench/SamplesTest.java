package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The percentiles of the histogram. */
final class SamplesTest {
    @Test
    void percentile_ofAHundred_isTheNearestRank() {
        Samples samples = new Samples();
        for (int i = 100; i >= 1; i--) {
            samples.add(i);
        }
        assertThat(samples.percentile(0.5)).isEqualTo(50);
        assertThat(samples.percentile(0.99)).isEqualTo(99);
        assertThat(samples.percentile(1)).isEqualTo(100);
        assertThat(samples.percentile(0)).isEqualTo(1);
    }

    @Test
    void percentile_ofNone_isNotANumber() {
        Samples samples = new Samples();
        samples.add(7);
        samples.clear();
        assertThat(samples.percentile(0.5)).isNaN();
    }

    @Test
    void samples_moreThanTheFirstRoom_areAllKept() {
        Samples samples = new Samples();
        for (int i = 0; i < 5_000; i++) {
            samples.add(i);
        }
        assertThat(samples.count()).isEqualTo(5_000L);
        assertThat(samples.percentile(1)).isEqualTo(4_999);
    }

    @Test
    void spread_ofOddAndEven_hasTheMiddle() {
        assertThat(Spread.of(List.of(3.0, 1.0, 2.0))).isEqualTo(new Spread(2, 1, 3));
        assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(new Spread(2.5, 1, 4));
    }

    @Test
    void spread_asText_hasThreeDigitsThatTellSomething() {
        assertThat(new Spread(12.345, 0.1234, 12345.6)).hasToString("12.3 (0.123–12,346)");
        assertThat(new Spread(2, 2, 2)).hasToString("2.00");
    }

    @Test
    void lateness_asText_comesBack() {
        Lateness lateness = new Lateness(3, 1000, 2000, 3000);
        assertThat(Lateness.parse(lateness.toString())).isEqualTo(lateness);
        assertThat(Lateness.parse(Lateness.of(new Samples()).toString()).p99()).isNaN();
    }
}
