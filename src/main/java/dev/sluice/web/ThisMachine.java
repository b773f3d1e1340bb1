package dev.sluice.web;

import dev.sluice.config.IpLiteral;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.util.Enumeration;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request was made on this machine, by a program that meant this machine. The peer address alone would not
 * do: a proxy beside us has one of ours, and so has a browser that a hostile DNS answer sent here (rebinding). It
 * cannot see through a proxy that rewrites {@code Host}, speaks HTTP/1.1 and adds no header.
 */
final class ThisMachine {
    private static final String ANOTHER_HOST = "its Host is not localhost, 127.0.0.1 or [::1]";
    private static final Pattern LOCAL_HOST =
            Pattern.compile("(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);

    /** Proxies that speak 1.0 to their back end (nginx did so by default for many years) seldom add a header. */
    private static final Pattern HTTP_1_1_OR_LATER = Pattern.compile("HTTP/(1\\.[1-9]|[2-9].*)");

    /** Headers, in lower case, that only something between client and server adds. */
    private static final Set<String> FORWARDING = Set.of(
            "forwarded",
            "forwarded-for",
            "via",
            "x-real-ip",
            "x-client-ip",
            "x-cluster-client-ip",
            "x-original-forwarded-for",
            "x-original-host",
            "x-proxyuser-ip",
            "x-envoy-external-address",
            "x-azure-clientip",
            "true-client-ip",
            "cf-connecting-ip",
            "cf-connecting-ipv6",
            "cf-ray",
            "cdn-loop",
            "fastly-client-ip",
            "fly-client-ip");

    private ThisMachine() {}

    /**
     * What shows that the request may come from elsewhere, as the end of a sentence; null if nothing does.
     *
     * @param forwarded what a proxy that we trust says of it; null if there is none
     */
    static @Nullable String objection(HttpServletRequest request, @Nullable Forwarded forwarded) {
        if (forwarded != null) {
            return objection(Authority.of(request), forwarded);
        }
        if (!isLoopback(request.getRemoteAddr())) {
            return "it comes from another address";
        }
        if (!isLocal(Authority.of(request))) {
            return ANOTHER_HOST;
        }
        if (!HTTP_1_1_OR_LATER.matcher(request.getProtocol()).matches()) {
            return "it is older than HTTP/1.1, as a proxy's may be";
        }
        return forwarded(request.getHeaderNames());
    }

    /** Whether this is 127/8, ::1 or ::ffff:127/104, in any spelling that containers use. Asks no name server. */
    static boolean isLoopback(@Nullable String address) {
        InetAddress peer = IpLiteral.ofPeer(address);
        return peer != null && peer.isLoopbackAddress();
    }

    /**
     * {@code Host} must be local beside what was forwarded: a proxy that does not write {@code X-Forwarded-Host} itself
     * passes on that of a page which a hostile DNS answer sent here.
     */
    private static @Nullable String objection(@Nullable String host, Forwarded forwarded) {
        if (forwarded.client() == null) {
            return "it comes through one of sluice.proxies that does not say, or not clearly, from where";
        }
        if (!forwarded.onThisMachine()) {
            return "it comes from another address, through one of sluice.proxies";
        }
        return isLocal(host) && (forwarded.host() == null || isLocal(forwarded.host())) ? null : ANOTHER_HOST;
    }

    private static boolean isLocal(@Nullable String host) {
        return host != null && LOCAL_HOST.matcher(host).matches();
    }

    private static @Nullable String forwarded(@Nullable Enumeration<String> names) {
        if (names == null) {
            return "its headers cannot be seen";
        }
        while (names.hasMoreElements()) {
            String name = names.nextElement();
            String lower = name.toLowerCase(Locale.ROOT);
            if (FORWARDING.contains(lower) || lower.startsWith("x-forwarded")) {
                return "its header " + name + " says that it came through a proxy";
            }
        }
        return null;
    }
}
