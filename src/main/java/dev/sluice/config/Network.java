package dev.sluice.config;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * An IP address, or a range of addresses in CIDR notation (RFC 4632, 3.1; RFC 4291, 2.3).
 *
 * @param first the one address, or the first of the range: all bits behind the prefix are 0
 * @param prefix the number of leading bits that an address of the range shares with {@code first}: 0 to 32, or 0 to 128
 */
public record Network(InetAddress first, int prefix) {
    private static final Pattern PREFIX = Pattern.compile("0|[1-9]\\d{0,2}");

    public Network {
        byte[] bytes = first.getAddress();
        if (prefix < 0 || prefix > bytes.length * Byte.SIZE) {
            throw new IllegalArgumentException("The prefix of " + first + " is out of range: " + prefix);
        }
        for (int bit = prefix; bit < bytes.length * Byte.SIZE; bit++) {
            if (bit(bytes, bit) != 0) {
                // 10.0.0.1/8 is a mistake: either the one address 10.0.0.1 was meant, or the range 10.0.0.0/8.
                throw new IllegalArgumentException("Not the first address of its range: " + first + "/" + prefix);
            }
        }
    }

    /**
     * Reads {@code 10.1.2.3}, {@code 10.0.0.0/8}, {@code ::1} or {@code fd00::/8}.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public static Network parse(String text) {
        String[] parts = text.split("/", -1);
        InetAddress address = IpLiteral.parse(parts[0]);
        if (address == null || parts.length > 2) {
            throw new IllegalArgumentException("Neither an address nor a range: " + text);
        }
        if (parts.length == 1) {
            return new Network(address, address.getAddress().length * Byte.SIZE);
        }
        boolean mapped = address instanceof Inet4Address && text.contains(":");
        if (mapped || !PREFIX.matcher(parts[1]).matches()) {
            throw new IllegalArgumentException("Not a range: " + text);
        }
        return new Network(address, Integer.parseInt(parts[1]));
    }

    /** Whether the address belongs to this range. An IPv4 address never belongs to a range of IPv6. */
    public boolean contains(InetAddress address) {
        byte[] mine = first.getAddress();
        byte[] other = address.getAddress();
        if (mine.length != other.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit++) {
            if (bit(mine, bit) != bit(other, bit)) {
                return false;
            }
        }
        return true;
    }

    /** As an operator would write it. */
    @Override
    public String toString() {
        return first.getHostAddress() + "/" + prefix;
    }

    private static int bit(byte[] bytes, int index) {
        return bytes[index / Byte.SIZE] >> (Byte.SIZE - 1 - index % Byte.SIZE) & 1;
    }
}
