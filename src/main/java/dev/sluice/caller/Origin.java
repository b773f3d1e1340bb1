package dev.sluice.caller;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a page comes from, as a browser says it (RFC 6454, section 6.2).
 *
 * @param scheme in lower case
 * @param host in lower case, IPv6 in brackets
 * @param port 0 to 65535, the scheme's own if the text named none; -1 if that has none
 */
record Origin(String scheme, String host, int port) {
    private static final Pattern SYNTAX =
            Pattern.compile("([a-z][a-z0-9+.-]*)://([a-z0-9._~-]+|\\[[0-9a-f:.]+])(:\\d{1,5})?");

    /** Null for whatever is not {@code scheme://host[:port]}: {@code null}, the opaque origin, above all. */
    static @Nullable Origin parse(String text) {
        Matcher matcher = SYNTAX.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return null;
        }
        String scheme = matcher.group(1);
        String port = matcher.group(3);
        int number = port == null ? defaultPort(scheme) : Integer.parseInt(port.substring(1));
        return number > 65_535 ? null : new Origin(scheme, matcher.group(2), number);
    }

    /**
     * Whether the request was sent to where this page came from. Behind a proxy that ends TLS a request for
     * {@code https://host} reaches us as plain HTTP for {@code host}, so the scheme is not compared, and a
     * {@code Host} without a port is taken to mean this origin's default port. Only where the request itself came
     * over TLS must the page have, too.
     *
     * @param forwarded what a proxy that we trust says of both; null if there is none
     */
    boolean isTargetOf(HttpServletRequest request, @Nullable Forwarded forwarded) {
        String toldHost = forwarded == null ? null : forwarded.host();
        String toldScheme = forwarded == null ? null : forwarded.scheme();
        String authority = toldHost == null ? Authority.of(request) : toldHost;
        boolean plausible = toldScheme == null
                ? scheme.equals("https") || (scheme.equals("http") && !request.isSecure())
                : scheme.equals(toldScheme);
        return plausible && authority != null && equals(parse(scheme + "://" + authority));
    }

    /** As a browser writes it. */
    @Override
    public String toString() {
        return scheme + "://" + host + (port == defaultPort(scheme) ? "" : ":" + port);
    }

    private static int defaultPort(String scheme) {
        return switch (scheme) {
            case "http" -> 80;
            case "https" -> 443;
            default -> -1;
        };
    }
}
