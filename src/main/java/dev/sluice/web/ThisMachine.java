package dev.sluice.web;

import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
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
    private static final Pattern LOOPBACK_V4 = Pattern.compile("127(\\.(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)){3}");
    private static final Pattern V6_LITERAL = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
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

    /** What shows that the request may come from elsewhere, as the end of a sentence; null if nothing does. */
    static @Nullable String objection(HttpServletRequest request) {
        if (!isLoopback(request.getRemoteAddr())) {
            return "it comes from another address";
        }
        String host = Authority.of(request);
        if (host == null || !LOCAL_HOST.matcher(host).matches()) {
            return "its Host is not localhost, 127.0.0.1 or [::1]";
        }
        if (!HTTP_1_1_OR_LATER.matcher(request.getProtocol()).matches()) {
            return "it is older than HTTP/1.1, as a proxy's may be";
        }
        return forwarded(request.getHeaderNames());
    }

    /** Whether this is 127/8, ::1 or ::ffff:127/104, in any spelling that containers use. Asks no name server. */
    static boolean isLoopback(@Nullable String address) {
        if (address == null) {
            return false;
        }
        String bare = withoutBracketsAndZone(address);
        if (LOOPBACK_V4.matcher(bare).matches()) {
            return true;
        }
        // What holds a colon is read as an address or rejected, never looked up.
        if (!V6_LITERAL.matcher(bare).matches()) {
            return false;
        }
        try {
            return InetAddress.getByName(bare).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static String withoutBracketsAndZone(String address) {
        boolean bracketed = address.startsWith("[") && address.endsWith("]");
        String bare = bracketed ? address.substring(1, address.length() - 1) : address;
        int zone = bare.indexOf('%');
        return zone < 0 ? bare : bare.substring(0, zone);
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
