package dev.sluice.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.web.FakeExchange;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which ids a request gets, whatever a client sends. */
class RequestIdsTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String REST = "-00f067aa0ba902b7-01";

    private final FakeExchange exchange = new FakeExchange("POST", "/chat");

    @ParameterizedTest
    @ValueSource(strings = {"a", "7f3c0c1e-1111-4222-8333-444455556666", "req_~!\"{}%"})
    void id_ofTheClient_isUsedAndAnswered(String id) {
        assertThat(give(exchange.header("X-Request-Id", id))).isEqualTo(id);
        assertThat(exchange.answered("x-request-id")).isEqualTo(id);
    }

    @Test
    void id_of128Characters_isTheLongest() {
        String longest = "x".repeat(128);
        assertThat(give(exchange.header("X-Request-Id", longest))).isEqualTo(longest);
        FakeExchange longer = new FakeExchange("POST", "/chat").header("X-Request-Id", longest + "x");
        assertThat(give(longer)).matches("[0-9a-f]{32}").isEqualTo(longer.answered("x-request-id"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                "a\tb",
                "a\r\nSet-Cookie: x",
                "a\n{\"event\":1}",
                "\u00e4",
                "a\u0000",
                "\u2028",
                "a\u007f"
            })
    void id_thatIsIllFormed_isReplaced(String id) {
        assertNew(give(exchange.header("X-Request-Id", id)));
    }

    @Test
    void id_sentTwice_isReplaced() {
        assertNew(give(exchange.more("X-Request-Id", "a").more("X-Request-Id", "a")));
    }

    @Test
    void ids_thatAreNew_differ() {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            ids.add(give(new FakeExchange("POST", "/chat")));
        }
        assertThat(ids).hasSize(1_000);
    }

    @Test
    void id_thatAFilterOfTheHostHasAnswered_isKept() {
        exchange.header("X-Request-Id", "clients").response().setHeader("X-Request-Id", "hosts");
        assertThat(give(exchange)).isEqualTo("hosts");
        assertThat(exchange.answered("x-request-id")).isEqualTo("hosts");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00-" + TRACE + REST,
                "00-" + TRACE + "-00f067aa0ba902b7-ff",
                "01-" + TRACE + REST,
                "cc-" + TRACE + REST + "-what-the-future-will-be-like",
                " 00-" + TRACE + REST + " "
            })
    void trace_ofAWellFormedHeader_isKnown(String traceparent) {
        assertThat(trace(traceparent)).isEqualTo(TRACE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                TRACE,
                "00-" + TRACE,
                "00-" + TRACE + "-00f067aa0ba902b7",
                "00-" + TRACE + REST + "-more",
                "00-" + TRACE + REST + "0",
                "01-" + TRACE + REST + "0",
                "ff-" + TRACE + REST,
                "0-" + TRACE + REST,
                "00-4BF92F3577B34DA6A3CE929D0E0E4736" + REST,
                "00-00000000000000000000000000000000" + REST,
                "00-" + TRACE + "-0000000000000000-01",
                "00-" + TRACE + "-00f067aa0ba902bg-01",
                "00-" + TRACE + "_00f067aa0ba902b7-01",
                "00-" + TRACE + REST + ",00-" + TRACE + REST,
                "00-" + TRACE + REST + "\n{}",
            })
    void trace_ofAnIllFormedHeader_isUnknown(String traceparent) {
        assertThat(trace(traceparent)).isNull();
    }

    @Test
    void trace_withoutAHeaderOrWithTwo_isUnknown() {
        assertThat(RequestIds.traceOf(exchange.request())).isNull();
        exchange.more("traceparent", "00-" + TRACE + REST).more("traceparent", "00-" + TRACE + REST);
        assertThat(RequestIds.traceOf(exchange.request())).isNull();
    }

    private void assertNew(String id) {
        assertThat(id).matches("[0-9a-f]{32}");
        assertThat(exchange.answered("x-request-id")).isEqualTo(id);
    }

    private static String give(FakeExchange exchange) {
        return RequestIds.give(exchange.request(), exchange.response());
    }

    private @Nullable String trace(String traceparent) {
        return RequestIds.traceOf(exchange.header("traceparent", traceparent).request());
    }
}
