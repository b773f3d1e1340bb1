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
 * The peers whose word on forwarded requests is taken. Headers grow to the right, so they are read from there: the
 * client is the first address that is no trusted proxy's, for only trusted proxies have written what stands to the right
 * of it. What stands to the left is the client's own word and never looked at.
 */
final class TrustedProxies {
    /** IPv6 in brackets, as every port wants it, or without, as {@code X-Forwarded-For} usually has it. */
    private static final Pattern NODE =
            Pattern.compile("(?:([0-9.]+)|\\[([0-9a-fA-F:.]+)])(?::(?:\\d{1,5}|_[0-9A-Za-z._-]+))?");

    private final List<Network> networks;

    TrustedProxies(List<Network> networks) {
        this.networks = List.copyOf(networks);
    }

    /** Null if the peer is none of them, and its headers are worth nothing; or if it cannot be known. */
    @Nullable
    Forwarded on(HttpServletRequest wrapped) {
        if (networks.isEmpty()) {
            return null;
        }
        HttpServletRequest request = Peer.bare(wrapped); // filters of a host's may believe other proxies
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
        // Most proxies write one kind and pass the other on as the client sent it: who disagrees may be the client.
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

    /** These have no place for host and scheme beside each address: the nearest proxy's word counts. */
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

    /** Null for {@code unknown}, for {@code _hidden} and for whatever is no address. */
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
     * What one proxy said of the request that it passed on.
     *
     * @param from who had sent it to that proxy
     */
    private record Hop(
            @Nullable InetAddress from,
            @Nullable String host,
            @Nullable String scheme) {}
}
