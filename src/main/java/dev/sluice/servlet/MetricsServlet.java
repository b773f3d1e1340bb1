package dev.sluice.servlet;

import dev.sluice.web.AsyncResponse;
import dev.sluice.web.GetServlet;
import dev.sluice.web.Pass;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** {@code GET /metrics}: the metrics in the text format of Prometheus, version 0.0.4. */
public final class MetricsServlet extends GetServlet {
    private static final long serialVersionUID = 1;

    private final transient Supplier<String> scrape;

    public MetricsServlet(Supplier<String> scrape) {
        super(Pass.METRICS);
        this.scrape = scrape;
    }

    @Override
    protected void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
        byte[] body = scrape.get().getBytes(StandardCharsets.UTF_8);
        response.setContentType("text/plain;version=0.0.4;charset=utf-8");
        response.setHeader("Cache-Control", "no-store");
        response.setContentLength(body.length);
        AsyncResponse.send(request, response, body);
    }
}
