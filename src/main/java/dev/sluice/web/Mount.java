package dev.sluice.web;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import java.util.stream.Stream;

/**
 * The path of Sluice in its servlet context: the root in its own WAR, or another path in the WAR of a host application.
 * All other classes use paths below the mount. It is an attribute of the context, because each context has one. Immutable.
 *
 * @param path begins with a slash and does not end with one; empty for the root
 */
public record Mount(String path) {
    private static final String ATTRIBUTE = "dev.sluice.mount";

    public static final Mount ROOT = new Mount("");

    /** Makes this the mount of the context. */
    public void in(ServletContext context) {
        context.setAttribute(ATTRIBUTE, path);
    }

    /** The mount of the context; by default the root. */
    public static Mount of(ServletContext context) {
        return context.getAttribute(ATTRIBUTE) instanceof String path ? new Mount(path) : ROOT;
    }

    /** These URL patterns (Servlet 6.0, section 12.2), below the mount. */
    public String[] patterns(String... below) {
        return Stream.of(below).map(pattern -> path + pattern).toArray(String[]::new);
    }

    /** The URL patterns of the page. In a host application they are all paths below the mount without another servlet. */
    public String[] pagePatterns() {
        return isRoot() ? Page.patterns() : new String[] {"/*"};
    }

    public boolean isRoot() {
        return path.isEmpty();
    }

    /**
     * The request's path below the mount. It is the decoded and canonical path by which the container has chosen the
     * servlet, so that access rules and servlets see the same path, however it was spelt.
     */
    public static String below(HttpServletRequest request) {
        String servlet = request.getServletPath();
        String rest = request.getPathInfo();
        if (request.getDispatcherType() == DispatcherType.INCLUDE
                && request.getAttribute(RequestDispatcher.INCLUDE_SERVLET_PATH) instanceof String included) {
            servlet = included; // getServletPath() is still that of the including servlet (Servlet 6.0, section 9.3.1)
            rest = (String) request.getAttribute(RequestDispatcher.INCLUDE_PATH_INFO);
        }
        String whole = rest == null ? servlet : servlet + rest;
        String mount = of(request.getServletContext()).path;
        return whole.startsWith(mount) ? whole.substring(mount.length()) : whole;
    }
}
