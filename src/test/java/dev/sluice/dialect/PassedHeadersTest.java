package dev.sluice.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PassedHeadersTest {
    private static final PassedHeaders HEADERS =
            PassedHeaders.COMMON.and(List.of("anthropic-version"), List.of("Request-Id", "anthropic-ratelimit-*"));

    @ParameterizedTest
    @CsvSource({
        "x-request-id, true",
        "retry-after, true",
        "retry-after-ms, true",
        "x-ratelimit-remaining-tokens, true",
        "request-id, true",
        "anthropic-ratelimit-reset, true",
        "anthropic-version, false",
        "retry-after-m, false",
        "retry-after-ms-x, false",
        "x-ratelimit, false",
        "set-cookie, false"
    })
    void headerOfAnAnswer_passesByItsNameOrItsBeginning(String name, boolean passes) {
        assertThat(HEADERS.passToClient(name)).isEqualTo(passes);
    }

    @ParameterizedTest
    @CsvSource({"Idempotency-Key, true", "anthropic-version, true", "Authorization, false"})
    void headerOfARequest_passesIfItIsListed(String name, boolean passes) {
        assertThat(HEADERS.toUpstream().contains(name)).isEqualTo(passes);
    }
}
