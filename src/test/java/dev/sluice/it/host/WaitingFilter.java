package dev.sluice.it.host;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;

/** Suspends a request that asks for it and dispatches it later, as filters do that limit concurrent requests. */
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
