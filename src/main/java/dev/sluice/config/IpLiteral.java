package dev.sluice.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Parses and writes IP addresses. Never asks a name server. */
public final class IpLiteral {
    private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final Pattern V4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");

    /** The JDK parses or rejects a text that begins so and contains a colon. It never looks it up as a host's name. */
    private static final Pattern V6 = Pattern.compile("(?=.{0,4}:)[0-9a-fA-F:][0-9a-fA-F:.]{1,44}");

    private IpLiteral() {}

    /**
     * Parses four decimal numbers without leading zeros, or an IPv6 address without brackets and zone. An IPv4-mapped
     * IPv6 address ({@code ::ffff:127.0.0.1}, RFC 4291, 2.5.5.2) becomes that IPv4 address. Null for any other text.
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

    /** Parses an address as containers write a peer's: also with brackets or with a zone. Null for any other text. */
    public static @Nullable InetAddress ofPeer(@Nullable String address) {
        if (address == null) {
            return null;
        }
        boolean bracketed = address.startsWith("[") && address.endsWith("]");
        String bare = bracketed ? address.substring(1, address.length() - 1) : address;
        int zone = bare.indexOf('%');
        return parse(zone < 0 ? bare : bare.substring(0, zone));
    }

    /** Writes an address: IPv6 in lower case, with {@code ::} for the longest run of zeros (RFC 5952), without a zone. */
    public static String text(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return address.getHostAddress();
        }
        int[] groups = new int[8];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
        }
        int from = 0;
        int length = 1; // a single group of zero is written
        for (int begin = 0; begin < groups.length; begin++) {
            int end = begin;
            while (end < groups.length && groups[end] == 0) {
                end++;
            }
            if (end - begin > length) {
                from = begin;
                length = end - begin;
            }
        }
        return length == 1 ? hex(groups, 0, 8) : hex(groups, 0, from) + "::" + hex(groups, from + length, 8);
    }

    private static String hex(int[] groups, int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> Integer.toHexString(groups[i]))
                .collect(Collectors.joining(":"));
    }
}
