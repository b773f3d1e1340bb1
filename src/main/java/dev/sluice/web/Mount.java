package dev.sluice.web;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import java.util.stream.Stream;

/**
 * Where in its servlet context Sluice answers: at the root of its own WAR, or below a path of an application that has it
 * as a guest. All else in here speaks of paths below the mount. The context remembers it, for there is one for each.
 *
 * @param path begins with a slash and does not end with one; empty at the root
 */
public record Mount(String path) {
    private static final String ATTRIBUTE = "dev.sluice.mount";

    public static final Mount ROOT = new Mount("");

    /** For all that is asked for in this context from now on. */
    public void in(ServletContext context) {
        context.setAttribute(ATTRIBUTE, path);
    }

    /** That of the context; the root, if nobody has said. */
    public static Mount of(ServletContext context) {
        return context.getAttribute(ATTRIBUTE) instanceof String path ? new Mount(path) : ROOT;
    }

    /** These patterns of the Servlet specification, below the mount. */
    public String[] patterns(String... below) {
        return Stream.of(below).map(pattern -> path + pattern).toArray(String[]::new);
    }

    /** Those, below the mount, of the page and its files. A guest's page takes all that nobody else of us has, too. */
    public String[] pagePatterns() {
        return isRoot() ? Page.patterns() : new String[] {"/*"};
    }

    public boolean isRoot() {
        return path.isEmpty();
    }

    /**
     * The path below the mount, decoded and made canonical by the container: the one it chose the servlet by, so that no
     * spelling of a path can pass for another.
     */
    public static String below(HttpServletRequest request) {
        String servlet = request.getServletPath();
        String rest = request.getPathInfo();
        if (request.getDispatcherType() == DispatcherType.INCLUDE
                && request.getAttribute(RequestDispatcher.INCLUDE_SERVLET_PATH) instanceof String included) {
            servlet = included; // the request itself goes on to speak of who includes
            rest = (String) request.getAttribute(RequestDispatcher.INCLUDE_PATH_INFO);
        }
        String whole = rest == null ? servlet : servlet + rest;
        String mount = of(request.getServletContext()).path;
        return whole.startsWith(mount) ? whole.substring(mount.length()) : whole;
    }
}
