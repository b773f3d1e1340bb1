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
 * A filter that was not declared to support asynchronous requests takes that away from all that comes behind it. In a
 * WAR of somebody else's that is the likeliest mistake, and containers' words for it name neither fault nor fix.
 */
public final class AsyncSupport {
    private static final Logger LOG = LoggerFactory.getLogger(AsyncSupport.class);

    private static final String FIX = "Declare it with <async-supported>true</async-supported> in web.xml,"
            + " @WebFilter(asyncSupported = true), or setAsyncSupported(true).";

    private static final String[] OWN = {
        "dev.sluice.caller.", "dev.sluice.page.", "dev.sluice.web.", "org.apache.tomcat.", "org.eclipse.jetty."
    };

    /** What is included has neither status nor headers, and who includes us goes on while we answer. */
    private static final Failure INCLUDED = new Failure(
            500,
            "internal_error",
            "cannot_be_included",
            "This answer comes later, with a status and headers of its own, and cannot be included in another. Forward to"
                    + " its path instead.");

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
        LOG.error("{} {}: {}", request.getMethod(), Mount.below(request), failure.message());
        return failure;
    }

    /** Filters tell nobody what they support, only where they are. */
    private static List<String> suspects(HttpServletRequest request) {
        Map<String, ? extends FilterRegistration> all =
                request.getServletContext().getFilterRegistrations();
        String rest = request.getPathInfo();
        String path = rest == null ? request.getServletPath() : request.getServletPath() + rest;
        String servlet = request.getHttpServletMapping().getServletName();
        return all.values().stream()
                .filter(filter -> isSomebodyElses(filter.getClassName()))
                .filter(filter -> filter.getServletNameMappings().contains(servlet)
                        || isMatched(filter.getUrlPatternMappings(), path))
                .map(filter -> filter.getName() + " (" + filter.getClassName() + ")")
                .sorted()
                .toList();
    }

    /** Ours, and those that containers add, do support it. */
    private static boolean isSomebodyElses(@Nullable String className) {
        return className == null || Stream.of(OWN).noneMatch(className::startsWith);
    }

    private static boolean isMatched(Collection<String> patterns, String path) {
        return patterns.stream().anyMatch(pattern -> matches(pattern, path));
    }

    /** As the Servlet specification says. */
    private static boolean matches(String pattern, String path) {
        if (pattern.endsWith("/*")) {
            String folder = pattern.substring(0, pattern.length() - 2);
            return path.equals(folder) || path.startsWith(folder + "/");
        }
        return pattern.startsWith("*.") ? path.endsWith(pattern.substring(1)) : path.equals(pattern);
    }
}
