package dev.sluice.caller;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks the origin of requests of browsers, and sets the CORS headers (Fetch standard, "HTTP extensions"; Fetch Metadata).
 * Cookies and other credentials of the browser are never allowed across origins; such callers send a bearer key.
 */
final class CrossOrigin {
    private static final String METHODS = "GET, HEAD, POST";
    private static final String SECONDS_TO_REMEMBER = "7200"; // the longest time that Chromium accepts

    /** The request headers that are always allowed, in lower case. */
    private static final List<String> REQUEST_HEADERS = List.of(
            "accept",
            "authorization",
            "cache-control",
            "content-type",
            "idempotency-key",
            "last-event-id",
            "traceparent",
            "tracestate",
            "user-agent",
            "x-api-key",
            "x-request-id");

    /** The name of a header (RFC 9110, section 5.1) in lower case. */
    private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9a-z-]+");

    private static final String RESPONSE_HEADERS = String.join(
            ", ",
            "x-request-id",
            "retry-after",
            "retry-after-ms",
            "x-sluice-upstream",
            "openai-processing-ms",
            "x-ratelimit-limit-requests",
            "x-ratelimit-limit-tokens",
            "x-ratelimit-remaining-requests",
            "x-ratelimit-remaining-tokens",
            "x-ratelimit-reset-requests",
            "x-ratelimit-reset-tokens",
            "request-id",
            "anthropic-ratelimit-requests-limit",
            "anthropic-ratelimit-requests-remaining",
            "anthropic-ratelimit-requests-reset",
            "anthropic-ratelimit-tokens-limit",
            "anthropic-ratelimit-tokens-remaining",
            "anthropic-ratelimit-tokens-reset");

    /** The kind of page that has made a request, as far as the browser tells it. */
    enum RequestingPage {
        /** A page of this server, the user's own action, or no browser. */
        OWN,
        /** A page of a listed origin. */
        LISTED,
        /** Any other page. */
        FOREIGN
    }

    private final Set<Origin> listed;

    /**
     * @param origins the allowed origins as browsers write them, such as {@code https://app.example}; also with a default port
     * @throws IllegalArgumentException if one is no origin; {@code null} and {@code *} are none
     */
    CrossOrigin(Collection<String> origins) {
        Set<Origin> parsed = new HashSet<>();
        for (String text : origins) {
            Origin origin = Origin.parse(text);
            if (origin == null) {
                throw new IllegalArgumentException("Not an origin such as https://app.example: " + text);
            }
            parsed.add(origin);
        }
        this.listed = Set.copyOf(parsed);
    }

    /**
     * The kind of page of a request. {@code Sec-Fetch-Site: same-origin} has priority, because no page can forge it, and a proxy
     * that rewrites {@code Host} does not change it. {@code same-site} counts as another origin.
     *
     * @param forwarded the data of a trusted proxy; null if there is none
     */
    RequestingPage requestingPage(HttpServletRequest request, @Nullable Forwarded forwarded) {
        String site = request.getHeader("Sec-Fetch-Site");
        if ("same-origin".equals(site)) {
            return RequestingPage.OWN;
        }
        String header = request.getHeader("Origin");
        Origin origin = header == null ? null : Origin.parse(header);
        if (origin != null && listed.contains(origin)) {
            return RequestingPage.LISTED;
        }
        boolean unmarked = site == null || site.equals("none");
        boolean own = header == null || (origin != null && origin.isTargetOf(request, forwarded));
        return unmarked && own ? RequestingPage.OWN : RequestingPage.FOREIGN;
    }

    /** Sets the CORS headers that every response needs, errors too. Called before the response is committed. */
    void mark(RequestingPage page, HttpServletRequest request, HttpServletResponse response) {
        if (!listed.isEmpty()) {
            response.addHeader("Vary", "Origin");
        }
        if (page == RequestingPage.LISTED) {
            response.setHeader("Access-Control-Allow-Origin", request.getHeader("Origin"));
            response.setHeader("Access-Control-Expose-Headers", RESPONSE_HEADERS);
        }
    }

    /** Whether the request is a CORS preflight. */
    static boolean isPreflight(HttpServletRequest request) {
        return "OPTIONS".equals(request.getMethod())
                && request.getHeader("Origin") != null
                && request.getHeader("Access-Control-Request-Method") != null;
    }

    /** Sets the headers of the response to a preflight of a listed origin, beside those of {@link #mark}. */
    static void answerPreflight(HttpServletRequest request, HttpServletResponse response) {
        response.setStatus(HttpServletResponse.SC_NO_CONTENT);
        response.setHeader("Access-Control-Allow-Methods", METHODS);
        response.setHeader(
                "Access-Control-Allow-Headers", allowedHeaders(request.getHeader("Access-Control-Request-Headers")));
        response.setHeader("Access-Control-Max-Age", SECONDS_TO_REMEMBER);
    }

    /** All requested headers are allowed: SDKs send some of their own, and Sluice does not pass unknown ones on. */
    private static String allowedHeaders(@Nullable String asked) {
        Set<String> allowed = new LinkedHashSet<>(REQUEST_HEADERS);
        for (String name : asked == null ? new String[0] : asked.split(",", -1)) {
            String lower = name.strip().toLowerCase(Locale.ROOT);
            if (HEADER_NAME.matcher(lower).matches()) {
                allowed.add(lower);
            }
        }
        return String.join(", ", allowed);
    }
}
