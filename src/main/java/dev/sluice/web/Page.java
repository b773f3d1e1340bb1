package dev.sluice.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;

/** The chat page and the files it is made of. */
final class Page {
    private static final Set<String> FILES = Set.of("/", "/index.html", "/favicon.svg");

    private Page() {}

    /** Whether the request fetches the page or a part of it. */
    static boolean isFetchedBy(HttpServletRequest request) {
        String method = request.getMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return false;
        }
        String path = pathOf(request);
        return FILES.contains(path) || path.startsWith("/css/") || path.startsWith("/js/");
    }

    /**
     * The path below the context, decoded and made canonical by the container: the one it chose the servlet by, so
     * that no spelling of a path can pass for another.
     */
    static String pathOf(HttpServletRequest request) {
        String rest = request.getPathInfo();
        String path = rest == null ? request.getServletPath() : request.getServletPath() + rest;
        return path.isEmpty() ? "/" : path;
    }
}
