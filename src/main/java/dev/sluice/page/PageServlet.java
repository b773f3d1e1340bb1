package dev.sluice.page;

import dev.sluice.chat.Failure;
import dev.sluice.web.GetServlet;
import dev.sluice.web.Mount;
import dev.sluice.web.Page;
import dev.sluice.web.Pass;
import dev.sluice.web.Problem;
import dev.sluice.web.WholeAnswer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Serves the page's files, and lets browsers keep them. Libraries, whose paths carry their versions, are never asked for
 * again; all else is, by its entity tag (RFC 9110, sections 8.8.3 and 13), so that a new WAR's page never meets an old
 * one's script. The tag is made of the content, so that all nodes of a cluster agree on it.
 *
 * <p>What was asked for once stays in memory, of which any number of clients that take it slowly are written to.
 *
 * <p>Containers could serve files too, each in its own way: with tags of their own, made of dates and sizes, that they
 * compare although another has left; with or without charsets and ranges; one of them answers a POST. Safe for use by
 * many threads.
 */
public final class PageServlet extends GetServlet {
    private static final long serialVersionUID = 1;

    private static final String ASKED_AGAIN = "no-cache";
    private static final String KEPT = "public, max-age=31536000, immutable";

    private static final String PLAIN_TEXT = "text/plain;charset=utf-8";
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html;charset=utf-8",
            "css", "text/css;charset=utf-8",
            "js", "text/javascript;charset=utf-8",
            "mjs", "text/javascript;charset=utf-8",
            "json", "application/json",
            "svg", "image/svg+xml",
            "png", "image/png",
            "woff2", "font/woff2",
            "txt", PLAIN_TEXT);

    /** Where the files are, as we are mounted: in a WAR, or in a JAR's {@code META-INF/resources}. Set before all else. */
    private transient Mount mount = Mount.ROOT;

    /** Those there are: no spelling of a path can mean another, or fill {@link #seen}. Set before all else. */
    private transient Set<String> paths = Set.of();

    /** By path, those that were asked for; files of a WAR do not change. */
    private final transient Map<String, Content> seen = new ConcurrentHashMap<>();

    public PageServlet() {
        super(Pass.PAGE);
    }

    @Override
    public void init() {
        mount = Mount.of(getServletContext());
        Set<String> found = new HashSet<>();
        Page.folders().forEach(folder -> find(folder, found));
        Page.files().forEach(found::add);
        paths = Set.copyOf(found);
    }

    @Override
    protected void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!mount.isRoot() && Mount.below(request).isEmpty()) {
            // The page asks for its files relative to its own path. Whatever proxies make of that, so is this.
            response.setStatus(HttpServletResponse.SC_FOUND);
            response.setHeader("Location", mount.path().substring(mount.path().lastIndexOf('/') + 1) + "/");
            return;
        }
        String path = Page.fileOf(request);
        Content content = content(path);
        if (content == null) {
            Problem.write(request, response, Failure.invalid(404, "not_found", "There is nothing at this path.", null));
            return;
        }
        if (isUnwanted(request.getHeaders("If-Match"), content.tag)) {
            Problem.write(
                    request,
                    response,
                    Failure.invalid(412, "precondition_failed", "The file is not the one that If-Match names.", null));
            return;
        }
        response.setHeader("ETag", content.tag);
        response.setHeader("Cache-Control", Page.isVersioned(path) ? KEPT : ASKED_AGAIN);
        if (isKnown(request.getHeaders("If-None-Match"), content.tag)) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            return;
        }
        response.setHeader("Accept-Ranges", "none");
        response.setContentType(typeOf(path));
        response.setContentLength(content.bytes.length);
        if (!request.getMethod().equals("HEAD")) {
            WholeAnswer.send(request, response, content.bytes);
        }
    }

    private void find(String folder, Set<String> found) {
        Set<String> inside = getServletContext().getResourcePaths(mount.path() + folder);
        if (inside != null) {
            for (String each : inside) {
                String path = each.substring(mount.path().length());
                if (path.endsWith("/")) {
                    find(path, found);
                } else {
                    found.add(path);
                }
            }
        }
    }

    /** Null if there is no such file. */
    private @Nullable Content content(String path) throws IOException {
        if (!paths.contains(path)) {
            return null;
        }
        Content known = seen.get(path);
        if (known == null) {
            known = read(path);
            seen.put(path, known);
        }
        return known;
    }

    private Content read(String path) throws IOException {
        try (InputStream file = getServletContext().getResourceAsStream(mount.path() + path)) {
            if (file == null) {
                throw new FileNotFoundException("The container has lost " + path);
            }
            byte[] bytes = file.readAllBytes();
            String hash = Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
            return new Content('"' + hash.substring(0, 22) + '"', bytes);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException(missing); // every JDK has it
        }
    }

    /** {@code If-None-Match}: compared weakly. */
    private static boolean isKnown(Enumeration<String> lines, String tag) {
        return tags(lines)
                .map(each -> each.startsWith("W/") ? each.substring(2) : each)
                .anyMatch(each -> each.equals("*") || each.equals(tag));
    }

    /** {@code If-Match}: compared strongly. */
    private static boolean isUnwanted(Enumeration<String> lines, String tag) {
        return lines.hasMoreElements() && tags(lines).noneMatch(each -> each.equals("*") || each.equals(tag));
    }

    /** Ours have no commas in them. */
    private static Stream<String> tags(Enumeration<String> lines) {
        return Collections.list(lines).stream()
                .flatMap(line -> Stream.of(line.split(",", -1)))
                .map(String::strip);
    }

    private static String typeOf(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.startsWith("LICENSE")
                ? PLAIN_TEXT
                : TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream");
    }

    /** A file, and how it is known from others. A class, for nobody compares arrays. */
    private static final class Content {
        final String tag;
        final byte[] bytes;

        Content(String tag, byte[] bytes) {
            this.tag = tag;
            this.bytes = bytes;
        }
    }
}
