package dev.sluice.it.host;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** The host's own page, its fault, and what it says of errors. */
public final class HostServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        switch (request.getServletPath()) {
            case "/fault" -> throw new IllegalStateException("the host's own fault");
            case "/oops" ->
                response.getWriter()
                        .print("the host's own page for " + request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE));
            default -> response.getWriter().print("the host's own greeting");
        }
    }
}
