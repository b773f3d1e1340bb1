package dev.sluice.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
    private static final Instant NOW = Instant.parse("2026-03-12T10:00:00.250Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0                             | 0",
                "30                            | 30",
                "0.2                           | 1",
                "1.000                         | 1",
                "999999999                     | 999999999",
                "Thu, 12 Mar 2026 10:00:30 GMT | 30",
                "Thu, 12 Mar 2026 10:00:00 GMT | 0",
                "Wed, 11 Mar 2026 10:00:00 GMT | 0",
            })
    void value_wellFormed_isAWaitInWholeSeconds(String value, long seconds) {
        assertThat(RetryAfter.parse(value, NOW)).isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "-1", "soon", "1e3", "9999999999", "٣", "Thu, 32 Mar 2026 10:00:30 GMT"})
    void value_illFormed_isNone(String value) {
        assertThat(RetryAfter.parse(value, NOW)).isNull();
    }

    @Test
    void value_missing_isNone() {
        assertThat(RetryAfter.parse(null, NOW)).isNull();
    }
}
