package dev.sluice.it.host;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Requires a CSRF token from a cookie for each POST, as Spring Security's CookieCsrfTokenRepository does. Any thread may
 * call it.
 */
public final class TokenFilter implements Filter {
    /** The answer to a request without the token. */
    public static final String REFUSAL = "The host wants its token";

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest asked = (HttpServletRequest) request;
        HttpServletResponse answer = (HttpServletResponse) response;
        String token = token(asked);
        if (token == null) {
            Cookie cookie = new Cookie("XSRF-TOKEN", UUID.randomUUID().toString());
            cookie.setPath("/");
            answer.addCookie(cookie);
        }
        if (asked.getMethod().equals("POST") && (token == null || !token.equals(asked.getHeader("X-XSRF-TOKEN")))) {
            answer.setStatus(403);
            answer.getWriter().print(REFUSAL);
        } else {
            chain.doFilter(request, response);
        }
    }

    private static @Nullable String token(HttpServletRequest request) {
        Cookie[] cookies = request.getCookies();
        return cookies == null
                ? null
                : Arrays.stream(cookies)
                        .filter(cookie -> cookie.getName().equals("XSRF-TOKEN"))
                        .map(Cookie::getValue)
                        .findFirst()
                        .orElse(null);
    }
}
