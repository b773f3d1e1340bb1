package dev.sluice.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The chat page and the files it is made of. */
public final class Page {
    private static final String START = "/index.html";
    private static final Set<String> FILES = Set.of("/", START, "/favicon.svg");
    private static final List<String> FOLDERS = List.of("/css/", "/js/", "/i18n/", "/img/", "/vendor/");

    private static final Pattern VERSIONED = Pattern.compile("/vendor/[^/]+-\\d[^/]*/.+");

    private Page() {}

    /** Where the files are that are served, as the Servlet specification writes it. */
    static String[] patterns() {
        return Stream.concat(
                        FILES.stream().map(path -> path.equals("/") ? "" : path),
                        FOLDERS.stream().map(folder -> folder + "*"))
                .toArray(String[]::new);
    }

    /** Those that are in no folder. */
    public static Stream<String> files() {
        return FILES.stream().filter(path -> !path.equals("/"));
    }

    public static List<String> folders() {
        return FOLDERS;
    }

    /** Whether the request fetches the page or a part of it. */
    public static boolean isFetchedBy(HttpServletRequest request) {
        String method = request.getMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return false;
        }
        String path = pathOf(request);
        return FILES.contains(path) || FOLDERS.stream().anyMatch(path::startsWith);
    }

    /** The file that a request for the page or a part of it means. */
    public static String fileOf(HttpServletRequest request) {
        String path = pathOf(request);
        return path.equals("/") ? START : path;
    }

    /** Whether what is at this path never changes: libraries are in folders named after their versions. */
    public static boolean isVersioned(String path) {
        return VERSIONED.matcher(path).matches();
    }

    /** The path below the {@link Mount}. */
    public static String pathOf(HttpServletRequest request) {
        String path = Mount.below(request);
        return path.isEmpty() ? "/" : path;
    }
}
