package dev.sluice.caller;

import dev.sluice.config.IpLiteral;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.util.Enumeration;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a request was made on this machine, by a program that addressed this machine. The peer's address does not
 * suffice: a proxy on this machine has a loopback address, and so has a browser after DNS rebinding. A proxy that rewrites
 * {@code Host}, speaks HTTP/1.1 and adds no header cannot be detected. Stateless; any thread may call it.
 */
final class ThisMachine {
    private static final String ANOTHER_HOST =
            "its Host is not localhost, 127.0.0.1, [::1] or another loopback address";
    private static final Pattern HOST = Pattern.compile("(?:\\[([^\\[\\]]*:[^\\[\\]]*)]|([^:\\[\\]]+))(?::\\d{1,5})?");

    /** HTTP/1.0: proxies that speak it to their back end, as nginx did by default for many years, seldom add a header. */
    private static final Pattern HTTP_1_1_OR_LATER = Pattern.compile("HTTP/(1\\.[1-9]|[2-9].*)");

    /**
     * Headers in lower case that only proxies add, beside those that begin with {@code X-Forwarded}, and with {@code $WS}, which
     * web servers in front of Open Liberty add.
     */
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
            "proxy-ip",
            "proxy-client-ip",
            "wl-proxy-client-ip",
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
     * The reason why the request may come from another machine, as the end of a sentence; null if there is none.
     *
     * @param forwarded the data of a trusted proxy; null if there is none
     */
    static @Nullable String objection(HttpServletRequest request, @Nullable Forwarded forwarded) {
        // A filter's wrapper may report the address of a header, or hide headers.
        HttpServletRequest bare = Peer.bare(request);
        boolean localHost = isLocal(Authority.of(request)) && isLocal(Authority.of(bare));
        if (forwarded != null) {
            return objection(localHost, forwarded);
        }
        if (Peer.isReplaced(bare)) {
            return "the container may have taken the address that it comes from out of a proxy's header";
        }
        if (!isLoopback(request.getRemoteAddr()) || !isLoopback(bare.getRemoteAddr())) {
            return "it comes from another address";
        }
        if (!localHost) {
            return ANOTHER_HOST;
        }
        if (!HTTP_1_1_OR_LATER.matcher(request.getProtocol()).matches()) {
            return "it is older than HTTP/1.1, as a proxy's may be";
        }
        String told = forwarded(bare.getHeaderNames());
        return told == null ? forwarded(request.getHeaderNames()) : told;
    }

    /** Whether this is in 127.0.0.0/8, or ::1, or in ::ffff:127.0.0.0/104, as containers write it. Asks no name server. */
    static boolean isLoopback(@Nullable String address) {
        InetAddress peer = IpLiteral.ofPeer(address);
        return peer != null && peer.isLoopbackAddress();
    }

    /**
     * Both {@code Host} and the forwarded host must be local: a proxy that does not set {@code X-Forwarded-Host} forwards that of
     * the client, which may be a browser after DNS rebinding.
     */
    private static @Nullable String objection(boolean localHost, Forwarded forwarded) {
        if (forwarded.client() == null) {
            return "it comes through one of sluice.proxies that does not say, or not clearly, from where";
        }
        if (!forwarded.onThisMachine()) {
            return "it comes from another address, through one of sluice.proxies";
        }
        return localHost && (forwarded.host() == null || isLocal(forwarded.host())) ? null : ANOTHER_HOST;
    }

    /** Whether this is {@code localhost}, perhaps with a dot behind it, or a loopback address; perhaps with a port. */
    private static boolean isLocal(@Nullable String host) {
        Matcher matcher = HOST.matcher(host == null ? "" : host);
        if (!matcher.matches()) {
            return false;
        }
        String name = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        InetAddress address = IpLiteral.parse(name);
        return address == null
                ? name.equalsIgnoreCase("localhost") || name.equalsIgnoreCase("localhost.")
                : address.isLoopbackAddress();
    }

    private static @Nullable String forwarded(@Nullable Enumeration<String> names) {
        if (names == null) {
            return "its headers cannot be seen";
        }
        while (names.hasMoreElements()) {
            String name = names.nextElement();
            String lower = name.toLowerCase(Locale.ROOT);
            if (FORWARDING.contains(lower) || lower.startsWith("x-forwarded") || lower.startsWith("$ws")) {
                return "its header " + name + " says that it came through a proxy";
            }
        }
        return null;
    }
}
