package dev.sluice.page;

import dev.sluice.chat.Failure;
import dev.sluice.web.AsyncResponse;
import dev.sluice.web.GetServlet;
import dev.sluice.web.Mount;
import dev.sluice.web.Page;
import dev.sluice.web.Pass;
import dev.sluice.web.Problem;
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
 * Serves the page's files, with headers for the browser's cache. Libraries have their version in their paths, so that
 * browsers never request them again. All other files are validated by their entity tag (RFC 9110, sections 8.8.3 and 13),
 * so that the page of a new WAR never runs a script of an old one. The tag is a hash of the content, the same on all nodes
 * of a cluster.
 *
 * <p>A file stays in memory after its first request. All clients that read it slowly share that one array.
 *
 * <p>The containers' default servlets are not used, because they differ: in their entity tags, which are made of dates and
 * sizes, in charsets, in ranges, and one answers POST. Any thread may call it.
 */
public final class PageServlet extends GetServlet {
    private static final long serialVersionUID = 1;

    private static final String VALIDATED = "no-cache";
    private static final String IMMUTABLE = "public, max-age=31536000, immutable";

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

    /** The path of the files in the servlet context. Set by {@link #init}, before any request. */
    private transient Mount mount = Mount.ROOT;

    /**
     * The paths of all files. Only these exact texts are looked up, so that no other spelling of a path reaches a file or
     * adds to {@link #cache}. Set by {@link #init}, before any request.
     */
    private transient Set<String> paths = Set.of();

    /** The files that have been requested, by path. The files of a WAR do not change. */
    private final transient Map<String, Content> cache = new ConcurrentHashMap<>();

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
            // The page loads its files by relative URLs. A relative redirect works behind proxies that change the path
            // too.
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
        if (isMismatch(request.getHeaders("If-Match"), content.tag)) {
            Problem.write(
                    request,
                    response,
                    Failure.invalid(412, "precondition_failed", "The file is not the one that If-Match names.", null));
            return;
        }
        response.setHeader("ETag", content.tag);
        response.setHeader("Cache-Control", Page.isVersioned(path) ? IMMUTABLE : VALIDATED);
        if (isMatch(request.getHeaders("If-None-Match"), content.tag)) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            return;
        }
        response.setHeader("Accept-Ranges", "none");
        response.setContentType(typeOf(path));
        response.setContentLength(content.bytes.length);
        if (!request.getMethod().equals("HEAD")) {
            AsyncResponse.send(request, response, content.bytes);
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

    /** The file with this path; null if there is none. */
    private @Nullable Content content(String path) throws IOException {
        if (!paths.contains(path)) {
            return null;
        }
        Content known = cache.get(path);
        if (known == null) {
            known = read(path);
            cache.put(path, known);
        }
        return known;
    }

    private Content read(String path) throws IOException {
        try (InputStream file = getServletContext().getResourceAsStream(mount.path() + path)) {
            if (file == null) {
                throw new FileNotFoundException(
                        "The container no longer has the file " + path + ": deploy the WAR again");
            }
            byte[] bytes = file.readAllBytes();
            String hash = Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
            return new Content('"' + hash.substring(0, 22) + '"', bytes);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException(missing); // every JDK has SHA-256
        }
    }

    /** {@code If-None-Match}, with the weak comparison (RFC 9110, section 13.1.2). */
    private static boolean isMatch(Enumeration<String> lines, String tag) {
        return tags(lines)
                .map(each -> each.startsWith("W/") ? each.substring(2) : each)
                .anyMatch(each -> each.equals("*") || each.equals(tag));
    }

    /** {@code If-Match}, with the strong comparison (RFC 9110, section 13.1.1). */
    private static boolean isMismatch(Enumeration<String> lines, String tag) {
        return lines.hasMoreElements() && tags(lines).noneMatch(each -> each.equals("*") || each.equals(tag));
    }

    /** Splits at each comma; the tags of this servlet contain none. */
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

    /** A file with its entity tag. No record, because records would compare arrays by identity. */
    private static final class Content {
        final String tag;
        final byte[] bytes;

        Content(String tag, byte[] bytes) {
            this.tag = tag;
            this.bytes = bytes;
        }
    }
}
