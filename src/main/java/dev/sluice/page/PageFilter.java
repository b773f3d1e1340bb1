package dev.sluice.page;

import dev.sluice.web.Page;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Sets the headers that restrict the page in the browser: Content Security Policy, permissions and others. It has to be
 * before {@code AccessFilter}, because refusals need {@code nosniff} too. Stateless; any thread may call it.
 */
public final class PageFilter implements Filter {
    private static final String CONTENT_SECURITY_POLICY = String.join(
            "; ",
            "default-src 'self'",
            "img-src 'self' data: blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'self'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'");

    /** The features that the page does not use. It uses {@code clipboard-write}. */
    private static final String PERMISSIONS_POLICY = String.join(
            ", ", "camera=()", "display-capture=()", "geolocation=()", "microphone=()", "payment=()", "usb=()");

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request.getDispatcherType() != DispatcherType.ERROR
                && request instanceof HttpServletRequest http
                && response instanceof HttpServletResponse answer) {
            addHeaders(http, answer);
        }
        chain.doFilter(request, response);
    }

    private static void addHeaders(HttpServletRequest request, HttpServletResponse response) {
        response.setHeader("X-Content-Type-Options", "nosniff");
        if (Page.isFetchedBy(request)) {
            response.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
            response.setHeader("Referrer-Policy", "no-referrer");
            response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
            response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
            response.setHeader("Permissions-Policy", PERMISSIONS_POLICY);
        }
    }
}
