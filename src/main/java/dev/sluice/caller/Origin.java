package dev.sluice.caller;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The origin of a page, as browsers write it (RFC 6454, section 6.2). Immutable.
 *
 * @param scheme in lower case
 * @param host in lower case, IPv6 in brackets
 * @param port 0 to 65535, by default that of the scheme; -1 if the scheme has none
 */
record Origin(String scheme, String host, int port) {
    private static final Pattern SYNTAX =
            Pattern.compile("([a-z][a-z0-9+.-]*)://([a-z0-9._~-]+|\\[[0-9a-f:.]+])(:\\d{1,5})?");

    /** Parses {@code scheme://host[:port]}; null for any other text, such as {@code null}, the opaque origin. */
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
     * Whether the request was sent to the host of this origin. A proxy that terminates TLS forwards a request for
     * {@code https://host} as plain HTTP for {@code host}. So the scheme is not compared, and a {@code Host} without a port
     * means the default port of this origin's scheme. Only if the request itself came over TLS, the origin has to be https.
     *
     * @param forwarded the data of a trusted proxy; null if there is none
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
