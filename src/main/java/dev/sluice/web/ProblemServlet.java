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
 * Says what the container has to say (an unknown path, a wrong method, a fault of ours) as our other failures are said:
 * its own error pages are HTML, name its version, and may show a stack trace. {@code web.xml} sends its errors here.
 */
public final class ProblemServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    private static final Set<Pass> ANYBODY = Set.of(Pass.values());

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        BrokenOffException.throwIfDue(request);
        if (response.isCommitted()) {
            return; // an answer that has begun cannot become another: the container ends it as it can
        }
        Failure notLookedAt = Pass.objection(request, ANYBODY);
        if (notLookedAt != null && request.getDispatcherType() != DispatcherType.ERROR) {
            Problem.write(request, response, notLookedAt);
            return;
        }
        boolean sentHere = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer;
        int status = sentHere ? (Integer) request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) : 404;
        if (status == 405 && !response.containsHeader("Allow")) {
            response.setHeader("Allow", "GET, HEAD"); // only our files are left to be asked wrongly
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
