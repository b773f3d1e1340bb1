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
 * Which pages may call, and how browsers are told (Fetch standard, "HTTP extensions"; Fetch Metadata). Cookies and
 * other credentials of the browser's own are never allowed across origins: a caller from elsewhere brings a bearer key.
 */
final class CrossOrigin {
    private static final String METHODS = "GET, HEAD, POST";
    private static final String SECONDS_TO_REMEMBER = "7200"; // the most that Chromium honours

    /** What clients in a browser may send, in lower case, whether they have asked or not. */
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

    /** RFC 9110, section 5.1, in lower case. */
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
            "x-ratelimit-reset-tokens");

    /** Which page made a request, as far as a browser tells. */
    enum RequestingPage {
        /** A page of ours, the user's own hand, or no browser at all. */
        OWN,
        /** A page of an origin on the list. */
        LISTED,
        /** Any other page. */
        FOREIGN
    }

    private final Set<Origin> listed;

    /**
     * @param origins as browsers write them, {@code https://app.example}; a default port may be named
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
     * {@code Sec-Fetch-Site: same-origin} is believed above all, for no page can forge it and no proxy spoils it by
     * rewriting {@code Host}. Another origin of the same site ({@code same-site}) is as foreign as any.
     *
     * @param forwarded what a proxy that we trust says of the request; null if there is none
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

    /** Sets what the page's browser needs on every answer, errors included. Call it before anything is sent. */
    void mark(RequestingPage page, HttpServletRequest request, HttpServletResponse response) {
        if (!listed.isEmpty()) {
            response.addHeader("Vary", "Origin");
        }
        if (page == RequestingPage.LISTED) {
            response.setHeader("Access-Control-Allow-Origin", request.getHeader("Origin"));
            response.setHeader("Access-Control-Expose-Headers", RESPONSE_HEADERS);
        }
    }

    /** Whether a browser asks, on its own and without a key, if a page may send a request. */
    static boolean isPreflight(HttpServletRequest request) {
        return "OPTIONS".equals(request.getMethod())
                && request.getHeader("Origin") != null
                && request.getHeader("Access-Control-Request-Method") != null;
    }

    /** Says what a listed origin may send; {@link #mark} says that it may. */
    static void answerPreflight(HttpServletRequest request, HttpServletResponse response) {
        response.setStatus(HttpServletResponse.SC_NO_CONTENT);
        response.setHeader("Access-Control-Allow-Methods", METHODS);
        response.setHeader(
                "Access-Control-Allow-Headers", allowedHeaders(request.getHeader("Access-Control-Request-Headers")));
        response.setHeader("Access-Control-Max-Age", SECONDS_TO_REMEMBER);
    }

    /** All that are asked for: SDKs send ones of their own, and what we do not know goes no further. */
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
