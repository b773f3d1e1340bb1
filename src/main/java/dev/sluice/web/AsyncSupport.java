package dev.sluice.web;

import dev.sluice.chat.Failure;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports that a request does not support asynchronous processing. One filter without {@code async-supported} disables it
 * for the whole chain (Servlet 6.0, section 2.3.3.3). In a host application's WAR that is the most likely mistake, and the
 * exceptions of containers name neither the filter nor the fix. Stateless; any thread may call it.
 */
public final class AsyncSupport {
    private static final Logger LOG = LoggerFactory.getLogger(AsyncSupport.class);

    private static final String FIX = "Declare it with <async-supported>true</async-supported> in web.xml,"
            + " @WebFilter(asyncSupported = true), or setAsyncSupported(true).";

    private static final String[] OWN = {
        "dev.sluice.caller.", "dev.sluice.page.", "dev.sluice.web.", "org.apache.tomcat.", "org.eclipse.jetty."
    };

    /** An included servlet can set neither status nor headers, and cannot answer after the include has returned. */
    private static final Failure INCLUDED = new Failure(
            500,
            "internal_error",
            "cannot_be_included",
            "This answer is asynchronous and sets a status and headers of its own, so it cannot be included in another one."
                    + " Forward to its path instead.");

    private AsyncSupport() {}

    /** Why the request cannot be answered asynchronously, with the filters that may be the reason; null if it can. */
    public static @Nullable Failure objection(HttpServletRequest request) {
        if (request.getDispatcherType() == DispatcherType.INCLUDE) {
            return INCLUDED;
        }
        if (request.isAsyncSupported()) {
            return null;
        }
        List<String> suspects = suspects(request);
        Failure failure = new Failure(
                500,
                "internal_error",
                "async_not_supported",
                "Sluice cannot stream here, because a filter in front of it does not support asynchronous requests"
                        + (suspects.isEmpty() ? "" : ": " + String.join(", or ", suspects)) + ". " + FIX);
        // Only the part of the path that is in the servlet's mapping: the client chooses the rest, also with line
        // breaks.
        LOG.error("{} {}: {}", request.getMethod(), request.getServletPath(), failure.message());
        return failure;
    }

    /** The host's filters that apply to this request. A registration does not tell whether the filter supports async. */
    private static List<String> suspects(HttpServletRequest request) {
        Map<String, ? extends FilterRegistration> all =
                request.getServletContext().getFilterRegistrations();
        String rest = request.getPathInfo();
        String path = rest == null ? request.getServletPath() : request.getServletPath() + rest;
        String servlet = request.getHttpServletMapping().getServletName();
        return all.values().stream()
                .filter(filter -> isHosts(filter.getClassName()))
                .filter(filter -> filter.getServletNameMappings().contains(servlet)
                        || isMatched(filter.getUrlPatternMappings(), path))
                .map(filter -> filter.getName() + " (" + filter.getClassName() + ")")
                .sorted()
                .toList();
    }

    /** Whether it is neither a filter of Sluice nor of a container; those support asynchronous requests. */
    private static boolean isHosts(@Nullable String className) {
        return className == null || Stream.of(OWN).noneMatch(className::startsWith);
    }

    private static boolean isMatched(Collection<String> patterns, String path) {
        return patterns.stream().anyMatch(pattern -> matches(pattern, path));
    }

    /** Whether a URL pattern matches (Servlet 6.0, section 12.2). */
    private static boolean matches(String pattern, String path) {
        if (pattern.endsWith("/*")) {
            String folder = pattern.substring(0, pattern.length() - 2);
            return path.equals(folder) || path.startsWith(folder + "/");
        }
        return pattern.startsWith("*.") ? path.endsWith(pattern.substring(1)) : path.equals(pattern);
    }
}
