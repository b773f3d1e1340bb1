package dev.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletMapping;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the log says of a request that cannot be answered asynchronously. */
class AsyncSupportTest {
    private static final Logger LOG = Logger.getLogger(AsyncSupport.class.getName());

    private final List<String> lines = new ArrayList<>();
    private final Handler keeper = new Handler() {
        @Override
        public void publish(LogRecord line) {
            lines.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOG.addHandler(keeper);
        LOG.setUseParentHandlers(false);
    }

    @AfterEach
    void silence() {
        LOG.removeHandler(keeper);
        LOG.setUseParentHandlers(true);
    }

    @Test
    void path_withALineBreak_makesOneLineOfTheLog() {
        Failure failure = AsyncSupport.objection(request("/v1/models", "/x\n2026-11-30 ERROR forged"));
        assertThat(failure).isNotNull();
        assertThat(lines)
                .singleElement()
                .asString()
                .startsWith(
                        "GET /v1/models: Sluice cannot stream here, because a filter in front of it does not support")
                .doesNotContain("\n", "forged");
    }

    private static HttpServletRequest request(String servletPath, String pathInfo) {
        return new HttpServletRequestWrapper(new FakeExchange("GET", servletPath).request()) {
            @Override
            public String getPathInfo() {
                return pathInfo;
            }

            @Override
            public ServletContext getServletContext() {
                return context();
            }

            @Override
            public HttpServletMapping getHttpServletMapping() {
                return fake(HttpServletMapping.class, "getServletName", "sluice-models");
            }
        };
    }

    private static ServletContext context() {
        return (ServletContext) Proxy.newProxyInstance(
                AsyncSupportTest.class.getClassLoader(),
                new Class<?>[] {ServletContext.class},
                (proxy, called, arguments) -> switch (called.getName()) {
                    case "getFilterRegistrations" -> Map.<String, FilterRegistration>of();
                    case "getAttribute" -> null;
                    default -> throw new UnsupportedOperationException(called.toString());
                });
    }

    private static <T> T fake(Class<T> type, String method, Object value) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, called, arguments) -> {
                    if (called.getName().equals(method)) {
                        return value;
                    }
                    throw new UnsupportedOperationException(called.toString());
                }));
    }
}
