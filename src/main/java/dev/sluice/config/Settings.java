package dev.sluice.config;

import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All settings, parsed and checked. Immutable, for any thread. {@link #toString} shows no secret.
 *
 * @param upstreams one or more: {@code default} first if it exists, then the others in alphabetical order
 * @param shared null if this node counts alone what callers use of their plans
 */
public record Settings(
        List<Upstream> upstreams,
        Models models,
        Retry retry,
        Chat chat,
        Stream stream,
        Body body,
        Access access,
        Identities identities,
        Plans plans,
        Metrics metrics,
        Ready ready,
        @Nullable Shared shared,
        Responses responses) {
    public Settings {
        upstreams = List.copyOf(upstreams);
    }

    /**
     * One provider of an OpenAI-compatible API.
     *
     * @param name its name in the settings
     * @param url the base URL, http or https, without a slash at its end; or {@code simulator:/}
     * @param key the API key; null if none is sent
     * @param auth the header that has the key
     * @param maxStreams the number of streams that may be open to it, 1 or more
     * @param connectTimeout the longest wait until a request has been sent
     * @param firstTokenTimeout the longest wait for the first token
     * @param idleTimeout the longest silence after the first token, while Sluice waits for the upstream
     * @param tokenTimeout the longest wait from one token to the next, even while comments or empty events arrive
     * @param includeUsage whether to ask it for {@code stream_options.include_usage}
     * @param finishReasonOptional whether it may end an answer without a {@code finish_reason}
     * @param defaults the text of a JSON object, not yet parsed, whose fields are added to requests that
     *     lack them; null for none
     * @param dialects the names of the API dialects that it speaks, not yet checked; null for all
     * @param chatDialect the name of the one in which it is asked prompts of {@code /chat}, not yet checked
     */
    public record Upstream(
            String name,
            URI url,
            @Nullable Secret key,
            Auth auth,
            int maxStreams,
            Duration connectTimeout,
            Duration firstTokenTimeout,
            Duration idleTimeout,
            Duration tokenTimeout,
            boolean includeUsage,
            boolean finishReasonOptional,
            @Nullable String defaults,
            @Nullable Set<String> dialects,
            String chatDialect) {
        public Upstream {
            dialects = dialects == null ? null : Set.copyOf(dialects);
        }

        /** Whether the built-in simulator answers; then nothing but the scheme of {@link #url()} has a meaning. */
        public boolean simulator() {
            return url.getScheme().equals("simulator");
        }
    }

    /** The header in which an upstream gets its key. */
    public enum Auth {
        /** {@code Authorization: Bearer}. */
        BEARER,
        /** {@code x-api-key}, as Anthropic has it. */
        API_KEY
    }

    /**
     * One model of one upstream.
     *
     * @param upstream the name of one of {@link Settings#upstreams()}
     * @param model the model's name at that upstream; may contain slashes
     */
    public record UpstreamModel(String upstream, String model) {}

    /**
     * The models that clients may name.
     *
     * @param aliases in alphabetical order, each with one model or more: the first is asked first, the others are
     *     fall-backs
     * @param others the name of the upstream that is asked for every name that is no alias; null if such names are
     *     unknown
     * @param maxAge the age at which the list of an upstream's models is requested again
     */
    public record Models(
            SortedMap<String, List<UpstreamModel>> aliases,
            @Nullable String others,
            Duration maxAge) {
        public Models {
            SortedMap<String, List<UpstreamModel>> copy = new TreeMap<>();
            aliases.forEach((alias, targets) -> copy.put(alias, List.copyOf(targets)));
            aliases = Collections.unmodifiableSortedMap(copy);
        }

        /** Whether this upstream is asked for any name. */
        public boolean isAsked(String upstream) {
            return upstream.equals(others)
                    || aliases.values().stream().flatMap(List::stream).anyMatch(model -> model.upstream()
                            .equals(upstream));
        }
    }

    /**
     * When a request is sent again. After the first event of an answer it never is.
     *
     * @param attempts the number of attempts at one upstream, the first one included; 1 or more
     * @param budget the time after the first attempt in which a further one may begin; may be zero
     * @param lost whether a request that was sent whole and got no answer is sent again even without an
     *     {@code Idempotency-Key}. The provider may bill it twice
     */
    public record Retry(int attempts, Duration budget, boolean lost) {}

    /**
     * The defaults for what requests of {@code /chat} leave out.
     *
     * @param model the model's name, one that {@link Models} has; null if the request must name one
     * @param maxTokens the longest answer in tokens, 1 or more
     * @param maxTokensField the field of the upstream's request for it: {@code max_tokens} or
     *     {@code max_completion_tokens}
     * @param system the system message; null for none
     */
    public record Chat(
            @Nullable String model,
            int maxTokens,
            String maxTokensField,
            @Nullable String system) {
        /** Without the system message: no log line may contain a prompt. */
        @Override
        public String toString() {
            return "Chat[model=" + model + ", maxTokens=" + maxTokens + ", maxTokensField=" + maxTokensField + "]";
        }
    }

    /**
     * The limits of one stream.
     *
     * @param eventMaxBytes the longest upstream event that is parsed, in bytes
     * @param bufferBytes the output in bytes that is gathered for the client before it is written, 1024 or more
     * @param heartbeat the longest silence towards the client, 100 ms or more
     * @param clientStallTimeout the longest time in which a client takes nothing although there is output for it
     * @param drain the time in which running streams may finish when the application stops; zero ends them at once
     */
    public record Stream(
            int eventMaxBytes, int bufferBytes, Duration heartbeat, Duration clientStallTimeout, Duration drain) {}

    /**
     * The limits of request bodies, in bytes.
     *
     * @param maxBytes the longest body
     * @param chatMaxBytes the longest body of {@code /chat}; {@code maxBytes} is a limit for it too
     * @param maxTotalBytes all bodies that are held at once, never less than {@code maxBytes}
     * @param timeout the longest wait for the end of a body
     */
    public record Body(int maxBytes, int chatMaxBytes, long maxTotalBytes, Duration timeout) {}

    /**
     * Who may call.
     *
     * @param keys the keys that clients send and that have no names. If nobody has a key and {@code open} is false, only
     *     this machine is served
     * @param open whether everyone is served; without effect if there are keys
     * @param corsOrigins the origins whose pages may call, written as browsers write them: in lower case, without the
     *     scheme's default port
     * @param proxies the peers whose forwarding headers are believed
     */
    public record Access(List<Secret> keys, boolean open, List<String> corsOrigins, List<Network> proxies) {
        public Access {
            keys = List.copyOf(keys);
            corsOrigins = List.copyOf(corsOrigins);
            proxies = List.copyOf(proxies);
        }
    }

    /**
     * How it is established who calls, beside {@link Access#keys}.
     *
     * @param keyHolders the callers that have names and keys, in alphabetical order; no key is that of two
     * @param groups all groups that any setting names
     * @param userHeader the header in which {@link Access#proxies} name the user that they have authenticated; null if
     *     they do not
     * @param groupsHeader the header with that user's groups; null for none
     * @param certificates whether clients are known by their certificates
     * @param issuers whose tokens name callers, in alphabetical order of their names; no two are the same issuer
     */
    public record Identities(
            List<KeyHolder> keyHolders,
            Set<String> groups,
            @Nullable String userHeader,
            @Nullable String groupsHeader,
            boolean certificates,
            List<Issuer> issuers) {
        /** No caller has a name. */
        public static final Identities NONE = new Identities(List.of(), Set.of(), null, null, false, List.of());

        public Identities {
            keyHolders = List.copyOf(keyHolders);
            groups = Set.copyOf(groups);
            issuers = List.copyOf(issuers);
        }
    }

    /**
     * An issuer of tokens (JWT).
     *
     * @param name its name in the settings
     * @param issuer the {@code iss} claim of its tokens
     * @param audiences of which each of its tokens has one or more
     * @param jwks where its keys are; null if discovery tells
     * @param nameClaim the claim that has the caller's name
     * @param groupsClaim the claim that has the caller's groups
     * @param algorithms those that may sign its tokens; all are asymmetric
     * @param clockSkew how far its clock may differ from this machine's
     * @param refresh the time after which its keys are fetched again
     */
    public record Issuer(
            String name,
            String issuer,
            Set<String> audiences,
            @Nullable URI jwks,
            String nameClaim,
            String groupsClaim,
            Set<String> algorithms,
            Duration clockSkew,
            Duration refresh) {
        public Issuer {
            audiences = Set.copyOf(audiences);
            algorithms = Set.copyOf(algorithms);
        }
    }

    /**
     * A caller that is known by its key.
     *
     * @param keys one, or two while one replaces the other
     * @param lastDay the last day, in UTC, on which they are accepted; null if they never expire
     * @param groups what the caller belongs to
     */
    public record KeyHolder(
            String name, List<KeyHash> keys, @Nullable LocalDate lastDay, Set<String> groups) {
        public KeyHolder {
            keys = List.copyOf(keys);
            groups = Set.copyOf(groups);
        }
    }

    /**
     * The plans, and who has which. A caller has its own plan, or else that of the first of its groups that has one, or else
     * the plan {@link #DEFAULT}, or none.
     *
     * @param byName in alphabetical order
     * @param ofCallers the names of the plans that callers with keys have, by the caller's name
     * @param ofGroups the names of the plans that groups have, by the group's name, in alphabetical order
     */
    public record Plans(
            SortedMap<String, Plan> byName, Map<String, String> ofCallers, SortedMap<String, String> ofGroups) {
        /** The name of the plan for everyone who has no other. */
        public static final String DEFAULT = "default";

        /** Nobody has a plan. */
        public static final Plans NONE = new Plans(new TreeMap<>(), Map.of(), new TreeMap<>());

        public Plans {
            byName = Collections.unmodifiableSortedMap(new TreeMap<>(byName));
            ofCallers = Map.copyOf(ofCallers);
            ofGroups = Collections.unmodifiableSortedMap(new TreeMap<>(ofGroups));
        }
    }

    /**
     * Who may read the metrics, and what they tell.
     *
     * @param open whether they are for everyone
     * @param keys those that open them, and nothing else; none if {@code open} is true
     * @param callers whether streams are counted for each caller
     */
    public record Metrics(boolean open, List<KeyHash> keys, boolean callers) {
        /** Nobody may read them without being a known caller. */
        public static final Metrics CLOSED = new Metrics(false, List.of(), false);

        public Metrics {
            keys = List.copyOf(keys);
        }
    }

    /**
     * When this node counts as ready.
     *
     * @param needsUpstream only while at least one upstream is reachable; the upstreams are then probed
     */
    public record Ready(boolean needsUpstream) {}

    /**
     * The store in which nodes count together what callers use of their plans.
     *
     * @param timeout how long a request waits for it at most
     * @param unreachable what becomes of requests while it does not answer
     * @param lease the time after which what a lost node holds does not count any more
     */
    public record Shared(StoreUrl url, Duration timeout, Unreachable unreachable, Duration lease) {
        /** What becomes of requests while the store does not answer. */
        public enum Unreachable {
            /** This node counts alone. */
            LOCAL,
            /** Those of callers who have limits are refused. */
            REFUSE,
            /** They are let in, whatever their limits. */
            ALLOW;

            /** Its name in the settings. */
            public String label() {
                return name().toLowerCase(Locale.ROOT);
            }
        }
    }

    /**
     * What holds for {@code /v1/responses}.
     *
     * @param stateAllowed whether requests may have the provider store something, or refer to what it has stored
     */
    public record Responses(boolean stateAllowed) {}
}
