package dev.sluice.web;

import dev.sluice.chat.Failure;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;

/** A servlet for GET and HEAD; it answers other methods with a 405 in JSON. */
public abstract class GetServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    private final Set<Pass> strangers;

    /** @param strangers the passes of strangers that this servlet answers; callers with every right are always answered */
    public GetServlet(Pass... strangers) {
        this.strangers = Set.of(strangers);
    }

    @Override
    protected final void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        BrokenOffException.throwIfDue(request);
        Failure refusal = Pass.objection(request, strangers);
        if (refusal != null) {
            Problem.write(request, response, refusal);
        } else if (request.getMethod().equals("GET") || request.getMethod().equals("HEAD")) {
            get(request, response);
        } else {
            response.setHeader("Allow", "GET, HEAD");
            Problem.write(
                    request,
                    response,
                    Failure.invalid(405, "method_not_allowed", "This path answers GET and HEAD only.", null));
        }
    }

    /** Answers a GET or HEAD; for HEAD the container discards the body. Called by the thread of the request's dispatch. */
    protected abstract void get(HttpServletRequest request, HttpServletResponse response) throws IOException;
}
