package dev.sluice.web;

import dev.sluice.chat.Failure;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;

/**
 * Answers the container's own errors (an unknown path, a wrong method, an exception) in JSON as all other failures. The
 * container's error pages are HTML, name its version, and may show a stack trace. {@code web.xml} declares this as the
 * error page.
 */
public final class ProblemServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    private static final Set<Pass> ANYBODY = Set.of(Pass.values());

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        BrokenOffException.throwIfDue(request);
        if (response.isCommitted()) {
            return; // the status has been sent already; the container ends the answer
        }
        Failure refusal = Pass.objection(request, ANYBODY);
        if (refusal != null && request.getDispatcherType() != DispatcherType.ERROR) {
            Problem.write(request, response, refusal);
            return;
        }
        boolean isErrorDispatch = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer;
        int status = isErrorDispatch ? (Integer) request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) : 404;
        if (status == 405 && !response.containsHeader("Allow")) {
            response.setHeader("Allow", "GET, HEAD"); // all other servlets set it themselves
        }
        Problem.write(request, response, failure(status));
    }

    private static Failure failure(int status) {
        return switch (status) {
            case 404 -> Failure.invalid(404, "not_found", "There is nothing at this path.", null);
            case 405 ->
                Failure.invalid(405, "method_not_allowed", "This path does not answer that method: see Allow.", null);
            default ->
                status < 500
                        ? Failure.invalid(status, "bad_request", "The request cannot be answered.", null)
                        : new Failure(status, "internal_error", "internal_error", "Something went wrong here.");
        };
    }
}
