package dev.sluice.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** IP addresses in writing. Nothing here asks a name server. */
public final class IpLiteral {
    private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final Pattern V4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");

    /** What begins so and holds a colon is read as an address or rejected by the JDK, never looked up. */
    private static final Pattern V6 = Pattern.compile("(?=.{0,4}:)[0-9a-fA-F:][0-9a-fA-F:.]{1,44}");

    private IpLiteral() {}

    /**
     * Four decimal numbers without leading zeros, or IPv6 without brackets and zone; an IPv4 address in IPv6's clothes
     * ({@code ::ffff:127.0.0.1}) is that IPv4 address. Null for anything else.
     */
    public static @Nullable InetAddress parse(String text) {
        if (!V4.matcher(text).matches() && !V6.matcher(text).matches()) {
            return null;
        }
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException illFormed) {
            return null;
        }
    }

    /** The same as containers write a peer's address: perhaps with brackets, perhaps with a zone. */
    public static @Nullable InetAddress ofPeer(@Nullable String address) {
        if (address == null) {
            return null;
        }
        boolean bracketed = address.startsWith("[") && address.endsWith("]");
        String bare = bracketed ? address.substring(1, address.length() - 1) : address;
        int zone = bare.indexOf('%');
        return parse(zone < 0 ? bare : bare.substring(0, zone));
    }
}
