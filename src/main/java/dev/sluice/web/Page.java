package dev.sluice.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The paths of the chat page and of its files. Stateless. */
public final class Page {
    private static final String START = "/index.html";
    private static final Set<String> FILES = Set.of("/", START, "/favicon.svg");
    private static final List<String> FOLDERS = List.of("/css/", "/js/", "/i18n/", "/img/", "/vendor/");

    private static final Pattern VERSIONED = Pattern.compile("/vendor/[^/]+-\\d[^/]*/.+");

    private Page() {}

    /** The URL patterns of all files (Servlet 6.0, section 12.2). */
    static String[] patterns() {
        return Stream.concat(
                        FILES.stream().map(path -> path.equals("/") ? "" : path),
                        FOLDERS.stream().map(folder -> folder + "*"))
                .toArray(String[]::new);
    }

    /** The files that are in no folder. */
    public static Stream<String> files() {
        return FILES.stream().filter(path -> !path.equals("/"));
    }

    public static List<String> folders() {
        return FOLDERS;
    }

    /** Whether the request is a GET or HEAD of the page or of one of its files. */
    public static boolean isFetchedBy(HttpServletRequest request) {
        String method = request.getMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return false;
        }
        String path = pathOf(request);
        return FILES.contains(path) || FOLDERS.stream().anyMatch(path::startsWith);
    }

    /** The path of the file that the request asks for. */
    public static String fileOf(HttpServletRequest request) {
        String path = pathOf(request);
        return path.equals("/") ? START : path;
    }

    /** Whether the file never changes: the folders of libraries are named after their versions. */
    public static boolean isVersioned(String path) {
        return VERSIONED.matcher(path).matches();
    }

    /** The request's path below the {@link Mount}; {@code /} for the mount itself. */
    public static String pathOf(HttpServletRequest request) {
        String path = Mount.below(request);
        return path.isEmpty() ? "/" : path;
    }
}
