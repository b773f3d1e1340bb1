package dev.sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dialect.ErrorBody;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The delay before a retry, the limit of retries, and the failures after which there may be one. */
class RetryTest {
    @ParameterizedTest
    @CsvSource({"1, 125, 250", "2, 250, 500", "3, 500, 1000", "9, 2500, 5000", "40, 2500, 5000"})
    void delay_doublesUpToABoundAndIsSpread(int failed, long least, long most) {
        long smallest = Long.MAX_VALUE;
        long largest = 0;
        for (int i = 0; i < 2_000; i++) {
            long millis = RetryPolicy.delay(failed, null) / 1_000_000;
            smallest = Math.min(smallest, millis);
            largest = Math.max(largest, millis);
        }
        assertThat(smallest).isBetween(least, least + (most - least) / 10);
        assertThat(largest).isBetween(most - (most - least) / 10, most);
    }

    @Test
    void delay_thatTheProviderAsksFor_isNeverCutShort() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(RetryPolicy.delay(1, Duration.ofSeconds(2)))
                    .isBetween(
                            Duration.ofSeconds(2).toNanos(),
                            Duration.ofMillis(2_200).toNanos());
        }
        assertThat(RetryPolicy.delay(1, Duration.ofSeconds(Long.MAX_VALUE)))
                .as("ages")
                .isGreaterThan(Duration.ofHours(23).toNanos());
        assertThat(RetryPolicy.delay(1, Duration.ZERO)).as("none asked for").isPositive();
        assertThat(RetryPolicy.delay(1, Duration.ofMillis(1_999)))
                .as("milliseconds count")
                .isBetween(
                        Duration.ofMillis(1_999).toNanos(),
                        Duration.ofMillis(2_200).toNanos());
    }

    @Test
    void allowance_runsOutAndIsEarnedByCalls() {
        RetryAllowance allowance = new RetryAllowance();
        for (int i = 0; i < 50; i++) {
            assertThat(allowance.spend()).as("retry %d", i).isTrue();
        }
        assertThat(allowance.spend()).as("beyond the first fifty").isFalse();
        for (int i = 0; i < 4; i++) {
            allowance.earn();
        }
        assertThat(allowance.spend()).as("after four calls").isFalse();
        allowance.earn();
        assertThat(allowance.spend()).as("after five calls").isTrue();
        assertThat(allowance.spent()).isEqualTo(51);
    }

    @Test
    void allowance_isNotSavedUpWithoutBound() {
        RetryAllowance allowance = new RetryAllowance();
        for (int i = 0; i < 10_000; i++) {
            allowance.earn();
        }
        int spent = 0;
        while (allowance.spend()) {
            spent++;
        }
        assertThat(spent).isEqualTo(50);
    }

    @ParameterizedTest
    @CsvSource({
        "400, FINAL",
        "422, FINAL",
        "413, FINAL",
        "429, BUSY",
        "500, BUSY",
        "502, BUSY",
        "503, BUSY",
        "504, BUSY",
        "529, BUSY",
        "401, ELSEWHERE",
        "403, ELSEWHERE",
        "404, ELSEWHERE",
        "501, ELSEWHERE",
        "302, ELSEWHERE",
        "200, ELSEWHERE"
    })
    void status_tellsWhetherAnotherAttemptMayHelp(int status, RetryClass retryClass) {
        assertThat(RetryClass.ofAnswer(status, "upstream_" + status)).isEqualTo(retryClass);
    }

    @Test
    void wholeAnswerWhereAStreamWasAskedFor_isNotAskedForOnceMore() {
        assertThat(RetryClass.ofAnswer(200, ErrorBody.NO_EVENT_STREAM)).isEqualTo(RetryClass.FINAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"insufficient_quota", "billing_hard_limit_reached"})
    void quotaThatIsSpent_isForAnotherProvider(String code) {
        assertThat(RetryClass.ofAnswer(429, code)).isEqualTo(RetryClass.ELSEWHERE);
    }

    @Test
    void keyRefused_withWhateverStatus_isForAnotherProvider() {
        assertThat(RetryClass.ofAnswer(400, ErrorBody.KEY_REFUSED)).isEqualTo(RetryClass.ELSEWHERE);
    }
}
