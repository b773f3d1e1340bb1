package dev.sluice.caller;

import dev.sluice.caller.AccessKeys.Owner;
import dev.sluice.caller.Asking.Known;
import dev.sluice.caller.Asking.Unverified;
import dev.sluice.chat.Failure;
import dev.sluice.jwt.Finding;
import dev.sluice.jwt.Tokens;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Caller.Basis;
import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import java.time.InstantSource;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Establishes who makes a request, from the request alone. The first of these that applies:
 *
 * <ol>
 *   <li>The container has authenticated a user: it is that user.
 *   <li>There are keys or issuers, and the request brings a key or a token: it is who has that key, or whom the token names,
 *       or else 401.
 *   <li>A trusted proxy names its user in a header: it is that user.
 *   <li>The client has shown a certificate, and is no proxy that we trust: it is whom its subject names.
 *   <li>There are keys or issuers: 401, for the request brings neither a key nor a token.
 *   <li>The server is open to all: anonymous.
 *   <li>Proxies or certificates are to tell who it is: 401.
 *   <li>The request was made on this machine: local, or else 403.
 * </ol>
 *
 * Immutable; for any thread.
 */
public final class Callers {
    /** Of whom the container says that it is somebody, and not who. */
    private static final String NAMELESS = "nameless";

    private final AccessKeys keys;
    private final Tokens tokens;
    private final boolean open;
    private final Set<String> groups;
    private final @Nullable UserHeaders userHeaders;
    private final boolean certificates;
    private final InstantSource clock;

    /**
     * @param open whether everyone may come in while there are neither keys nor issuers; where there are some, a key or a
     *     token is asked for
     * @param groups those that the container is asked for: whether its user has the role of that name
     * @param userHeaders in which proxies that we trust name their users; null if they do not
     * @param certificates whether clients are known by their certificates
     * @param clock tells when keys expire
     */
    public Callers(
            AccessKeys keys,
            Tokens tokens,
            boolean open,
            Set<String> groups,
            @Nullable UserHeaders userHeaders,
            boolean certificates,
            InstantSource clock) {
        this.keys = keys;
        this.tokens = tokens;
        this.open = open;
        this.groups = Set.copyOf(groups);
        this.userHeaders = userHeaders;
        this.certificates = certificates;
        this.clock = clock;
    }

    /** Which knows keys, and the container's users without groups. */
    public Callers(AccessKeys keys, boolean open) {
        this(keys, Tokens.NONE, open, Set.of(), null, false, InstantSource.system());
    }

    /** Whether a key or a token lets a stranger in, so that it has to be asked for. */
    boolean knowBearers() {
        return !keys.isEmpty() || !tokens.isEmpty();
    }

    /** @param forwarded what a proxy that we trust says of the request; null if there is none */
    Asking of(HttpServletRequest request, @Nullable Forwarded forwarded) {
        Principal user = request.getUserPrincipal();
        if (user != null) {
            return new Known(ofContainer(user, request));
        }
        Set<String> shown = knowBearers() ? ShownKeys.of(request) : Set.of();
        if (!shown.isEmpty()) {
            return withBearer(shown, request);
        }
        Asking told = null;
        if (userHeaders != null && forwarded != null) {
            told = userHeaders.in(request); // a certificate on this connection is the proxy's, not its user's
        } else if (certificates && forwarded == null) { // that of a proxy is its own too, and names no user
            told = ClientCertificate.in(request, clock.instant());
        }
        return told == null ? withoutWord(request, forwarded) : told;
    }

    /** Of whom neither the request nor who has passed it on says anything. */
    private Asking withoutWord(HttpServletRequest request, @Nullable Forwarded forwarded) {
        if (tokens.isEmpty() && !keys.isEmpty()) {
            return Asking.stranger(
                    401,
                    "missing_access_key",
                    "An access key is needed: send it as Authorization: Bearer … or as x-api-key.");
        }
        if (!tokens.isEmpty()) {
            return Asking.stranger(
                    401,
                    keys.isEmpty() ? "missing_token" : "missing_access_key",
                    (keys.isEmpty() ? "A token is needed:" : "An access key or a token is needed:")
                            + " send it as Authorization: Bearer ….");
        }
        if (open) {
            return new Known(Caller.ANONYMOUS);
        }
        if (userHeaders != null || certificates) {
            return Asking.stranger(
                    401,
                    "not_authenticated",
                    "This server must know who makes a request, and nothing says who made this one. It serves"
                            + (userHeaders == null ? "" : " users whom one of sluice.proxies names in a header")
                            + (userHeaders == null || !certificates ? "" : ", and")
                            + (certificates ? " clients that show a certificate over TLS" : "") + ".");
        }
        String objection = ThisMachine.objection(request, forwarded);
        return objection == null
                ? new Known(Caller.LOCAL)
                : Asking.stranger(
                        403,
                        "not_local",
                        "Without access keys Sluice serves only the machine it runs on, and this request was refused"
                                + " because " + objection + ". To serve others, set sluice.access.keys to the keys that"
                                + " they must send, or sluice.access.open=true to let everyone in.");
    }

    private Caller ofContainer(Principal user, HttpServletRequest request) {
        String name = user.getName();
        return new Caller(
                name == null || name.isBlank() ? NAMELESS : name,
                Basis.CONTAINER,
                groups.stream().filter(request::isUserInRole).collect(Collectors.toUnmodifiableSet()));
    }

    private Asking withBearer(Set<String> shown, HttpServletRequest request) {
        if (shown.size() > 1) {
            // Whichever were taken, another program on the way might take the other.
            return Asking.stranger(
                    401,
                    "several_access_keys",
                    "This request has several keys that differ. Send one, as Authorization: Bearer … or as x-api-key.");
        }
        String bearer = shown.iterator().next();
        Finding found = ShownKeys.bearers(request).contains(bearer) ? tokens.find(bearer) : new Finding.Other(false);
        if (found instanceof Finding.Valid valid) {
            return new Known(valid.caller());
        }
        if (found instanceof Finding.Invalid invalid) {
            return Asking.badToken(invalid.failure());
        }
        if (found instanceof Finding.Unverified unverified) {
            return new Unverified(unverified);
        }
        return withKey(bearer, found instanceof Finding.Other other && other.isToken());
    }

    private Asking withKey(String key, boolean isToken) {
        Owner owner = keys.ownerOf(key);
        if (owner == null) {
            return isToken || keys.isEmpty()
                    ? Asking.badToken(Failure.invalid(
                            401,
                            "invalid_token",
                            isToken
                                    ? "This token is not valid. Its issuer (iss) is none of sluice.issuers."
                                    : "This is no token (JWT), sent as Authorization: Bearer ….",
                            null))
                    : Asking.stranger(401, "invalid_access_key", "This access key is not one of this server's.");
        }
        return owner.isExpired(clock.instant())
                ? Asking.stranger(
                        401,
                        "expired_access_key",
                        "This access key has expired: its last day was " + owner.lastDay() + " (UTC).")
                : new Known(owner.caller());
    }
}
