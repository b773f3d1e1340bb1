package dev.sluice.caller;

import dev.sluice.caller.Asking.Known;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Caller.Basis;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The headers in which a trusted proxy names the user that it has authenticated.
 *
 * @param user the name of the header that names the user
 * @param groups that of the header with the user's groups; null for none
 */
public record UserHeaders(String user, @Nullable String groups) {
    /**
     * What they say. A name with a comma in it counts as two, for that is how some proxies add a name of theirs to one that
     * the client has sent.
     *
     * @param wrapped a request from a proxy that we trust
     * @return null if the proxy names nobody
     */
    @Nullable
    Asking in(HttpServletRequest wrapped) {
        HttpServletRequest request = Peer.bare(wrapped); // filters of a host's may believe other proxies
        List<String> users = lines(request, user);
        if (users.isEmpty()) {
            return null;
        }
        if (users.size() > 1 || users.get(0).contains(",")) {
            return ambiguous("The header " + user + " has several values, or a comma.");
        }
        String name = users.get(0).strip();
        if (name.isBlank()) {
            return Asking.stranger(
                    401,
                    "missing_user",
                    "The header " + user + " is empty: the proxy in front of this server has authenticated nobody.");
        }
        List<String> told = groups == null ? List.of() : lines(request, groups);
        if (told.size() > 1) {
            return ambiguous("The header " + groups + " was sent more than once.");
        }
        return new Known(new Caller(name, Basis.PROXY, parts(told)));
    }

    private static Asking ambiguous(String what) {
        return Asking.stranger(
                400,
                "ambiguous_user",
                what + " The proxy in front of this server must replace what clients send in this header, and not add"
                        + " to it.");
    }

    private static Set<String> parts(List<String> lines) {
        return lines.stream()
                .flatMap(line -> Stream.of(line.split(",", -1)))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    private static List<String> lines(HttpServletRequest request, String name) {
        Enumeration<String> lines = request.getHeaders(name);
        return lines == null ? List.of() : Collections.list(lines);
    }
}
