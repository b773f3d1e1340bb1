package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.caller.AccessFilter;
import dev.sluice.caller.AccessKeys;
import dev.sluice.caller.Callers;
import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.web.FakeExchange;
import jakarta.servlet.DispatcherType;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageFilterTest {
    private final PageFilter filter = new PageFilter();

    @ParameterizedTest
    @CsvSource({
        "GET, /",
        "GET, ''",
        "HEAD, /index.html",
        "GET, /css/base.css",
        "GET, /js/main.js",
        "GET, /i18n/en.json",
        "GET, /img/icons.svg",
        "GET, /vendor/markdown-it-15.0.3/markdown-it.js",
        "GET, /favicon.svg"
    })
    void pageOrPart_fetched_carriesStrictHeaders(String method, String path) throws Exception {
        FakeExchange exchange = new FakeExchange(method, path).through(filter);
        assertThat(exchange.passed()).as("passed on").isTrue();
        assertThat(exchange.answered("Content-Security-Policy"))
                .isEqualTo("default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none';"
                        + " form-action 'self'; frame-ancestors 'self'; require-trusted-types-for 'script';"
                        + " trusted-types 'none'");
        assertThat(exchange.answered("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(exchange.answered("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(exchange.answered("Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
        assertThat(exchange.answered("Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
        assertThat(exchange.answered("Permissions-Policy")).contains("camera=()", "microphone=()");
    }

    @ParameterizedTest
    @CsvSource({"POST, /chat", "GET, /metrics", "POST, /", "GET, /health/live"})
    void anythingElse_answered_isNotSniffedAndKeepsItsOwnCaching(String method, String path) throws Exception {
        FakeExchange exchange = new FakeExchange(method, path).through(filter);
        assertThat(exchange.passed()).as("passed on").isTrue();
        assertThat(exchange.answered("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(exchange.answered("Content-Security-Policy")).isNull();
        assertThat(exchange.answered("Cache-Control")).isNull();
    }

    @Test
    void errorDispatch_ofThePage_passesUntouched() throws Exception {
        FakeExchange exchange =
                new FakeExchange("GET", "/").dispatch(DispatcherType.ERROR).through(filter);
        assertThat(exchange.passed()).as("passed on").isTrue();
        assertThat(exchange.answered("X-Content-Type-Options")).isNull();
    }

    /**
     * It may be the first dispatch for the filter, after a filter of the host that has dispatched the request
     * asynchronously.
     */
    @Test
    void laterDispatch_ofThePage_hasTheHeaders() throws Exception {
        FakeExchange exchange =
                new FakeExchange("GET", "/").dispatch(DispatcherType.ASYNC).through(filter);
        assertThat(exchange.passed()).as("passed on").isTrue();
        assertThat(exchange.answered("Content-Security-Policy")).isNotNull();
    }

    @Test
    void refusedByAccess_behindThisFilter_isNotSniffed() throws Exception {
        AccessFilter access = new AccessFilter(
                new Callers(new AccessKeys(List.of(new Secret("another key"))), false),
                Set.of(),
                Settings.Metrics.CLOSED,
                List.of());
        FakeExchange exchange = new FakeExchange("POST", "/chat");
        filter.doFilter(
                exchange.request(),
                exchange.response(),
                (request, response) -> access.doFilter(request, response, (inner, answer) -> {}));
        assertThat(exchange.status()).isEqualTo(401);
        assertThat(exchange.answered("X-Content-Type-Options")).isEqualTo("nosniff");
    }
}
