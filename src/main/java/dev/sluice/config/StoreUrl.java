package dev.sluice.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of a Redis, and who logs in there. {@link #toString} does not show who.
 *
 * @param host a name, or an address without brackets
 * @param user null for Redis' default user
 * @param password null if none is asked for
 */
public record StoreUrl(
        boolean tls,
        String host,
        int port,
        @Nullable String user,
        @Nullable Secret password,
        int database) {
    private static final Pattern URL = Pattern.compile(
            "(rediss?)://(?:([^:@/?#]*):([^:@/?#]+)@)?(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(?::(\\d{1,5}))?(?:/(\\d{0,4}))?",
            Pattern.CASE_INSENSITIVE);
    private static final int DEFAULT_PORT = 6379;

    /** @throws IllegalArgumentException if it is ill-formed */
    static StoreUrl parse(String text) {
        Matcher url = URL.matcher(text);
        if (!url.matches()) {
            throw new IllegalArgumentException();
        }
        String user = decoded(url.group(2));
        String password = decoded(url.group(3));
        int port = number(url.group(5), DEFAULT_PORT);
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException();
        }
        return new StoreUrl(
                url.group(1).length() == "rediss".length(),
                url.group(4).replaceAll("[\\[\\]]", ""),
                port,
                user,
                password == null ? null : new Secret(password),
                number(url.group(6), 0));
    }

    /** What logs may show of a text that may be such an address. */
    static String show(String text) {
        try {
            return parse(text).shown();
        } catch (IllegalArgumentException illFormed) {
            return Secret.MASK;
        }
    }

    /** Without user and password. */
    public String shown() {
        return (tls ? "rediss://" : "redis://")
                + (password == null ? "" : Secret.MASK + "@")
                + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port
                + (database == 0 ? "" : "/" + database);
    }

    @Override
    public String toString() {
        return shown();
    }

    private static @Nullable String decoded(@Nullable String text) {
        return text == null || text.isEmpty() ? null : URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
    }

    private static int number(@Nullable String digits, int otherwise) {
        return digits == null || digits.isEmpty() ? otherwise : Integer.parseInt(digits);
    }
}
