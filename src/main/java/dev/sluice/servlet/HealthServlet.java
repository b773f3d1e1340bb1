package dev.sluice.servlet;

import dev.sluice.chat.Failure;
import dev.sluice.web.AsyncResponse;
import dev.sluice.web.GetServlet;
import dev.sluice.web.Page;
import dev.sluice.web.Pass;
import dev.sluice.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Supplier;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * {@code GET /health/live} and {@code /health/ready}. Everyone gets the status; known callers also get the reason and the state
 * of the upstreams.
 */
public final class HealthServlet extends GetServlet {
    private static final long serialVersionUID = 1;

    private static final JsonFactory JSON = new JsonFactory();

    private final transient Supplier<Readiness> readiness;

    public HealthServlet(Supplier<Readiness> readiness) {
        super(Pass.HEALTH);
        this.readiness = readiness;
    }

    @Override
    protected void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = Page.pathOf(request);
        if (path.equals("/health/live")) {
            answer(request, response, 200, "{\"status\":\"UP\"}");
        } else if (path.equals("/health/ready")) {
            Readiness now = readiness.get();
            boolean trusted = Pass.isTrusted(request);
            answer(request, response, now.downReason() == null ? 200 : 503, json(now, trusted));
        } else {
            Problem.write(
                    request,
                    response,
                    Failure.invalid(404, "not_found", "There are /health/live and /health/ready.", null));
        }
    }

    private static String json(Readiness now, boolean detailed) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("status", now.downReason() == null ? "UP" : "DOWN");
            if (detailed) {
                if (now.downReason() != null) {
                    json.writeStringProperty("reason", now.downReason());
                }
                json.writeArrayPropertyStart("upstreams");
                now.upstreams().forEach(upstream -> write(json, upstream));
                json.writeEndArray();
            }
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, Readiness.Upstream upstream) {
        json.writeStartObject();
        json.writeStringProperty("name", upstream.name());
        Boolean reachable = upstream.reachable();
        if (reachable == null) {
            json.writeNullProperty("reachable"); // there was no call yet
        } else {
            json.writeBooleanProperty("reachable", reachable);
        }
        if (upstream.fault() != null) {
            json.writeStringProperty("fault", upstream.fault());
        }
        Duration missedFor = upstream.missedFor();
        if (missedFor != null) {
            json.writeNumberProperty("for_ms", missedFor.toMillis());
        }
        json.writeEndObject();
    }

    private static void answer(HttpServletRequest request, HttpServletResponse response, int status, String json)
            throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.setContentType("application/json");
        response.setHeader("Cache-Control", "no-store");
        response.setContentLength(body.length);
        AsyncResponse.send(request, response, body);
    }
}
