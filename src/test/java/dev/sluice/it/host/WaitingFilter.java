package dev.sluice.it.host;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;

/** Has a request that asks for it wait, and dispatches it later, as filters do that bound how many come at a time. */
public final class WaitingFilter implements Filter {
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        boolean first = request.getDispatcherType() == DispatcherType.REQUEST;
        if (first && ((HttpServletRequest) request).getHeader("Wait") != null) {
            request.startAsync().dispatch();
        } else {
            chain.doFilter(request, response);
        }
    }
}
