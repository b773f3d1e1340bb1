package dev.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.ErrorJson;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ProblemTest {
    private final FakeExchange exchange = new FakeExchange("POST", "/chat");

    @Test
    void failure_written_isStatusHeadersAndJson() throws Exception {
        String message = "“max_tokens” must be ≥ 1,\nnot \"no\\ne\" 🙂";
        write(Failure.invalid(400, "invalid_value", message, "max_tokens"));

        assertThat(exchange.status()).isEqualTo(400);
        assertThat(exchange.answered("Content-Type")).isEqualTo("application/json;charset=utf-8");
        assertThat(exchange.answered("Cache-Control")).isEqualTo("no-store");
        assertThat(exchange.answered("Content-Length")).isEqualTo(Integer.toString(exchange.bodyLength()));
        assertThat(exchange.answered("Retry-After")).isNull();
        assertThat(exchange.answered("Connection")).isNull();
        JsonNode error = JsonMapper.shared().readTree(exchange.body()).get("error");
        assertThat(error.propertyNames()).containsExactly("message", "type", "param", "code");
        assertThat(error.get("message").asString()).isEqualTo(message);
        assertThat(error.get("type").asString()).isEqualTo("invalid_request_error");
        assertThat(error.get("param").asString()).isEqualTo("max_tokens");
        assertThat(error.get("code").asString()).isEqualTo("invalid_value");
    }

    @Test
    void failureWithoutParam_asBody_saysNull() {
        assertThat(text(new Failure(503, "draining", "draining", "Going down.")))
                .isEqualTo("{\"error\":{\"message\":\"Going down.\",\"type\":\"draining\",\"param\":null,"
                        + "\"code\":\"draining\"}}");
    }

    @Test
    void halfASurrogatePair_asBody_becomesAQuestionMark() {
        assertThat(text(Failure.upstream("broken", "cut \uD83D off \uDE42"))).contains("\"cut ? off ?\"");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"-, -", "PT0S, 0", "PT0.001S, 1", "PT1S, 1", "PT1.000000001S, 2", "PT90S, 90", "PT-5S, 0"})
    void retryAfter_written_isWholeSecondsRoundedUp(@Nullable String duration, @Nullable String header)
            throws Exception {
        Duration retryAfter = duration == null ? null : Duration.parse(duration);
        write(new Failure(429, "rate_limit_error", "busy", "Busy.", null, retryAfter));
        assertThat(exchange.answered("Retry-After")).isEqualTo(header);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "413, HTTP/1.1, close",
                "408, HTTP/1.1, close",
                "413, HTTP/1.0, close",
                "413, HTTP/2.0, -",
                "408, HTTP/2, -",
                "400, HTTP/1.1, -",
                "503, HTTP/1.1, -"
            })
    void bodyLeftUnread_written_closesAnHttp1Connection(int status, String protocol, @Nullable String connection)
            throws Exception {
        exchange.protocol(protocol);
        write(Failure.invalid(status, "code", "message", null));
        assertThat(exchange.answered("Connection")).isEqualTo(connection);
    }

    private void write(Failure failure) throws Exception {
        Problem.write(exchange.request(), exchange.response(), failure);
    }

    private static String text(Failure failure) {
        return new String(ErrorJson.utf8(failure), StandardCharsets.UTF_8);
    }
}
