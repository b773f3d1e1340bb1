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
 * Whether a request was made on this machine, by a program that meant this machine. The peer address alone would not
 * do: a proxy beside us has one of ours, and so has a browser that a hostile DNS answer sent here (rebinding). It
 * cannot see through a proxy that rewrites {@code Host}, speaks HTTP/1.1 and adds no header.
 */
final class ThisMachine {
    private static final String ANOTHER_HOST =
            "its Host is not localhost, 127.0.0.1, [::1] or another loopback address";
    private static final Pattern HOST = Pattern.compile("(?:\\[([^\\[\\]]*:[^\\[\\]]*)]|([^:\\[\\]]+))(?::\\d{1,5})?");

    /** Proxies that speak 1.0 to their back end (nginx did so by default for many years) seldom add a header. */
    private static final Pattern HTTP_1_1_OR_LATER = Pattern.compile("HTTP/(1\\.[1-9]|[2-9].*)");

    /**
     * Headers, in lower case, that only something between client and server adds; beside those that begin with
     * {@code X-Forwarded}, and with {@code $WS}, which is what web servers in front of Open Liberty add.
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
     * What shows that the request may come from elsewhere, as the end of a sentence; null if nothing does.
     *
     * @param forwarded what a proxy that we trust says of it; null if there is none
     */
    static @Nullable String objection(HttpServletRequest request, @Nullable Forwarded forwarded) {
        // A filter may have put a wrapper around it that says what a proxy's header does, or less than there is.
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

    /** Whether this is 127/8, ::1 or ::ffff:127/104, in any spelling that containers use. Asks no name server. */
    static boolean isLoopback(@Nullable String address) {
        InetAddress peer = IpLiteral.ofPeer(address);
        return peer != null && peer.isLoopbackAddress();
    }

    /**
     * {@code Host} must be local beside what was forwarded: a proxy that does not write {@code X-Forwarded-Host} itself
     * passes on that of a page which a hostile DNS answer sent here.
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

    /** Whether this is {@code localhost}, with or without the root's dot, or a loopback address; with or without a port. */
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
