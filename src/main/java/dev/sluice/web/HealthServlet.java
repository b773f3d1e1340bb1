package dev.sluice.web;

import dev.sluice.chat.Failure;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code GET /health/live} and {@code /health/ready}: everyone is told the status, those let in the reason. */
public final class HealthServlet extends GetServlet {
    private static final long serialVersionUID = 1;

    private final transient Supplier<@Nullable String> downReason;

    /** @param downReason a fixed word for why no stream would get an answer now, null if it would */
    public HealthServlet(Supplier<@Nullable String> downReason) {
        this.downReason = downReason;
    }

    @Override
    void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = request.getPathInfo();
        if ("/live".equals(path)) {
            answer(request, response, 200, "{\"status\":\"UP\"}");
        } else if ("/ready".equals(path)) {
            String reason = downReason.get();
            boolean trusted = Boolean.TRUE.equals(request.getAttribute(AccessFilter.TRUSTED));
            answer(
                    request,
                    response,
                    reason == null ? 200 : 503,
                    reason == null
                            ? "{\"status\":\"UP\"}"
                            : trusted
                                    ? "{\"status\":\"DOWN\",\"reason\":\"" + reason + "\"}"
                                    : "{\"status\":\"DOWN\"}");
        } else {
            Problem.write(
                    request,
                    response,
                    Failure.invalid(404, "not_found", "There are /health/live and /health/ready.", null));
        }
    }

    private static void answer(HttpServletRequest request, HttpServletResponse response, int status, String json)
            throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.setContentType("application/json");
        response.setHeader("Cache-Control", "no-store");
        response.setContentLength(body.length);
        WholeAnswer.send(request, response, body);
    }
}
