package dev.sluice.caller;

import dev.sluice.config.IpLiteral;
import dev.sluice.config.Network;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The proxies whose forwarding headers are believed. Each proxy appends to the right, so the headers are read from the right:
 * the first address that is no trusted proxy's is the client's. Only trusted proxies have written what is to the right of it.
 * What is to the left may be forged by the client, and is ignored. Immutable; any thread may call it.
 */
final class TrustedProxies {
    /** An address with or without a port; IPv6 in brackets, or without them, as {@code X-Forwarded-For} usually has it. */
    private static final Pattern NODE =
            Pattern.compile("(?:([0-9.]+)|\\[([0-9a-fA-F:.]+)])(?::(?:\\d{1,5}|_[0-9A-Za-z._-]+))?");

    private final List<Network> networks;

    TrustedProxies(List<Network> networks) {
        this.networks = List.copyOf(networks);
    }

    /** The data of the forwarding headers; null if the peer is not a trusted proxy, or is not known. */
    @Nullable
    Forwarded on(HttpServletRequest wrapped) {
        if (networks.isEmpty()) {
            return null;
        }
        HttpServletRequest request = Peer.bare(wrapped); // filters of the host may trust other proxies
        InetAddress peer = IpLiteral.ofPeer(request.getRemoteAddr());
        if (peer == null || !trusts(peer) || Peer.isReplaced(request)) {
            return null;
        }
        List<String> standard = lines(request, "Forwarded");
        List<String> addresses = lines(request, "X-Forwarded-For");
        List<String> hosts = lines(request, "X-Forwarded-Host");
        List<String> schemes = lines(request, "X-Forwarded-Proto");
        boolean older = Stream.of(addresses, hosts, schemes).anyMatch(lines -> !lines.isEmpty());
        Forwarded told = told(peer, addresses, last(hosts), last(schemes));
        if (standard.isEmpty()) {
            return told;
        }
        // Most proxies set one kind of header and forward the other from the client. If they differ, one may be forged.
        Forwarded toldByStandard = told(peer, standard);
        return older && !told.equals(toldByStandard) ? Forwarded.CONTRADICTORY : toldByStandard;
    }

    private Forwarded told(InetAddress peer, List<String> lines) {
        List<Map<String, String>> elements = ForwardedHeader.elements(lines);
        return elements == null
                ? Forwarded.CONTRADICTORY
                : walk(
                        peer,
                        elements.stream()
                                .map(element -> new Hop(
                                        address(element.getOrDefault("for", "")),
                                        lowerCase(element.get("host")),
                                        lowerCase(element.get("proto"))))
                                .toList());
    }

    /** These headers have one host and scheme for all addresses; those of the nearest proxy are used. */
    private Forwarded told(InetAddress peer, List<String> addresses, @Nullable String host, @Nullable String scheme) {
        return walk(
                peer,
                addresses.isEmpty()
                        ? List.of(new Hop(null, host, scheme))
                        : parts(addresses)
                                .map(text -> new Hop(address(text), host, scheme))
                                .toList());
    }

    private Forwarded walk(InetAddress peer, List<Hop> hops) {
        boolean here = peer.isLoopbackAddress();
        Hop client = null;
        for (int i = hops.size() - 1; i >= 0; i--) {
            client = hops.get(i);
            here &= client.from != null && client.from.isLoopbackAddress();
            if (client.from == null || !trusts(client.from)) {
                break;
            }
        }
        return client == null ? Forwarded.CONTRADICTORY : new Forwarded(client.from, here, client.host, client.scheme);
    }

    private boolean trusts(InetAddress address) {
        return networks.stream().anyMatch(network -> network.contains(address));
    }

    /** The address; null for {@code unknown}, {@code _hidden} and any text that is no address. */
    private static @Nullable InetAddress address(String node) {
        Matcher matcher = NODE.matcher(node);
        if (!matcher.matches()) {
            return IpLiteral.parse(node);
        }
        return IpLiteral.parse(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }

    private static List<String> lines(HttpServletRequest request, String name) {
        Enumeration<String> lines = request.getHeaders(name);
        return lines == null ? List.of() : Collections.list(lines);
    }

    private static Stream<String> parts(List<String> lines) {
        return Stream.of(String.join(",", lines).split(",", -1)).map(String::strip);
    }

    private static @Nullable String last(List<String> lines) {
        return lowerCase(parts(lines)
                .reduce((one, next) -> next)
                .filter(text -> !lines.isEmpty())
                .orElse(null));
    }

    private static @Nullable String lowerCase(@Nullable String text) {
        return text == null ? null : text.toLowerCase(Locale.ROOT);
    }

    /**
     * The data that one proxy has added to a request.
     *
     * @param from the peer from which that proxy has received it
     */
    private record Hop(
            @Nullable InetAddress from,
            @Nullable String host,
            @Nullable String scheme) {}
}
