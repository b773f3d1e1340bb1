package dev.sluice.it.host;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** The host's own page, a page with a fault, its error page, and dispatches to other servlets. */
public final class HostServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        switch (request.getServletPath()) {
            case "/fault" -> throw new IllegalStateException("the host's own fault");
            case "/oops" ->
                response.getWriter()
                        .print("the host's own page for " + request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE));
            case "/forward" ->
                request.getRequestDispatcher(request.getParameter("to")).forward(request, response);
            case "/include" -> {
                response.getWriter().println("the host's own beginning");
                request.getRequestDispatcher(request.getParameter("to")).include(request, response);
            }
            case "/named" ->
                getServletContext()
                        .getNamedDispatcher(request.getParameter("to"))
                        .forward(request, response);
            default -> response.getWriter().print("the host's own greeting");
        }
    }
}
