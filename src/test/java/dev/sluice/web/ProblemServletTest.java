package dev.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import org.junit.jupiter.api.Test;

class ProblemServletTest {
    private final ProblemServlet servlet = new ProblemServlet();

    @Test
    void error_beforeTheAnswer_isSaidInOurShape() throws Exception {
        FakeExchange exchange = new FakeExchange("POST", "/problem").dispatch(DispatcherType.ERROR);
        exchange.request().setAttribute(RequestDispatcher.ERROR_STATUS_CODE, 500);
        servlet.service(exchange.request(), exchange.response());
        assertThat(exchange.status()).isEqualTo(500);
        assertThat(exchange.body()).contains("internal_error");
    }

    @Test
    void error_ofAnAnswerThatHasBegun_isLeftToTheContainer() throws Exception {
        FakeExchange exchange = new FakeExchange("POST", "/problem").begun();
        exchange.request().setAttribute(RequestDispatcher.ERROR_STATUS_CODE, 500);
        servlet.service(exchange.request(), exchange.response());
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.bodyLength()).isZero();
    }
}
