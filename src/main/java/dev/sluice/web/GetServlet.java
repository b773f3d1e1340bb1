package dev.sluice.web;

import dev.sluice.chat.Failure;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;

/** A path that is only read; other methods are told so in our words. */
public abstract class GetServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    private final Set<Pass> strangers;

    /** @param strangers what strangers may have been let in to for this to answer them; others are always answered */
    public GetServlet(Pass... strangers) {
        this.strangers = Set.of(strangers);
    }

    @Override
    protected final void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        BrokenOffException.throwIfDue(request);
        Failure notLookedAt = Pass.objection(request, strangers);
        if (notLookedAt != null) {
            Problem.write(request, response, notLookedAt);
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

    /** Answers; the container leaves out the body where only the head was asked for. */
    protected abstract void get(HttpServletRequest request, HttpServletResponse response) throws IOException;
}
