package dev.sluice.config;

import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All that an operator can set: read once at start, well-formed, the same for every thread from then on. Printing it
 * shows no secret.
 *
 * @param upstreams one or more, {@code default} first if it is there, then by name
 */
public record Settings(
        List<Upstream> upstreams,
        Models models,
        Retry retry,
        Chat chat,
        Stream stream,
        Body body,
        Access access,
        Ready ready) {
    public Settings {
        upstreams = List.copyOf(upstreams);
    }

    /**
     * Where answers come from.
     *
     * @param name what targets call it
     * @param url the base URL, http or https, without a slash at its end; or the scheme {@code simulator}
     * @param key the bearer key; null, and no {@code Authorization} is sent
     * @param maxStreams open streams to the upstream, 1 or more
     * @param connectTimeout until a connection stands
     * @param firstTokenTimeout until the first token
     * @param idleTimeout silence after the first token, while it is we who wait
     * @param tokenTimeout from one token to the next, whatever else comes meanwhile
     * @param includeUsage whether to ask it for {@code stream_options.include_usage}
     * @param finishReasonOptional whether its {@code [DONE]} ends an answer even without a {@code finish_reason}
     * @param defaults the text of a JSON object, not yet parsed, whose fields are added to requests that
     *     lack them; null for none
     */
    public record Upstream(
            String name,
            URI url,
            @Nullable Secret key,
            int maxStreams,
            Duration connectTimeout,
            Duration firstTokenTimeout,
            Duration idleTimeout,
            Duration tokenTimeout,
            boolean includeUsage,
            boolean finishReasonOptional,
            @Nullable String defaults) {
        /** Whether the built-in simulator answers; then nothing but the scheme of {@link #url()} has a meaning. */
        public boolean simulator() {
            return url.getScheme().equals("simulator");
        }
    }

    /**
     * A model where it is to be had.
     *
     * @param upstream the name of one of {@link Settings#upstreams()}
     * @param model what that upstream calls it; may contain slashes
     */
    public record Target(String upstream, String model) {}

    /**
     * What clients may ask for.
     *
     * @param aliases in alphabetical order, each with its targets, one or more: the first is asked first, the others are
     *     fall-backs
     * @param others the name of the upstream that is asked for any other name, unchanged; null, and other names are
     *     unknown
     * @param maxAge how old an upstream's list of models may be before it is asked for anew
     */
    public record Models(
            SortedMap<String, List<Target>> aliases,
            @Nullable String others,
            Duration maxAge) {
        public Models {
            SortedMap<String, List<Target>> copy = new TreeMap<>();
            aliases.forEach((alias, targets) -> copy.put(alias, List.copyOf(targets)));
            aliases = Collections.unmodifiableSortedMap(copy);
        }

        /** Whether any name leads to this upstream. */
        public boolean isAsked(String upstream) {
            return upstream.equals(others)
                    || aliases.values().stream().flatMap(List::stream).anyMatch(target -> target.upstream()
                            .equals(upstream));
        }
    }

    /**
     * When to ask again, always before the first event.
     *
     * @param attempts how often one upstream is asked, all told; 1 or more
     * @param budget how long after the first attempt a new one may still begin; may be zero
     * @param lost whether a request that was sent whole, and then lost without an answer, is sent again even without an
     *     {@code Idempotency-Key}: it may be billed twice
     */
    public record Retry(int attempts, Duration budget, boolean lost) {}

    /**
     * What {@code /chat} asks for when the request does not say.
     *
     * @param model the model's name, one that {@link Models} know; null, and the request must name one
     * @param maxTokens the longest answer, 1 or more
     * @param maxTokensField the request field that carries it: {@code max_tokens} or {@code max_completion_tokens}
     * @param system the system message
     */
    public record Chat(
            @Nullable String model,
            int maxTokens,
            String maxTokensField,
            @Nullable String system) {
        /** Never the system message: a log line must not leak a prompt. */
        @Override
        public String toString() {
            return "Chat[model=" + model + ", maxTokens=" + maxTokens + ", maxTokensField=" + maxTokensField + "]";
        }
    }

    /**
     * The bounds of one stream.
     *
     * @param eventMaxBytes the longest upstream event, in bytes
     * @param bufferBytes the output held for the client, 1024 bytes or more
     * @param heartbeat the longest silence towards the client, 100 ms or more
     * @param clientStallTimeout how long a client may take nothing while there is something to take
     * @param drain how long running streams may finish when the application stops; zero ends them at once
     */
    public record Stream(
            int eventMaxBytes, int bufferBytes, Duration heartbeat, Duration clientStallTimeout, Duration drain) {}

    /**
     * The bounds of request bodies.
     *
     * @param maxBytes of one body
     * @param chatMaxBytes of one body of {@code /chat}, which {@code maxBytes} bounds too
     * @param maxTotalBytes of all bodies held at once, never less than {@code maxBytes}
     * @param timeout until a body has arrived
     */
    public record Body(int maxBytes, int chatMaxBytes, long maxTotalBytes, Duration timeout) {}

    /**
     * Who may call.
     *
     * @param keys any of which a client may send as its bearer key; empty, and without {@code open} only this machine
     *     is served
     * @param open no check at all, if there are no keys
     * @param corsOrigins origins whose pages may call, written as browsers write them: lower case, no default port
     * @param metricsOpen whether {@code /metrics} answers everyone
     * @param proxies peers whose forwarding headers are believed
     */
    public record Access(
            List<Secret> keys, boolean open, List<String> corsOrigins, boolean metricsOpen, List<Network> proxies) {
        public Access {
            keys = List.copyOf(keys);
            corsOrigins = List.copyOf(corsOrigins);
            proxies = List.copyOf(proxies);
        }
    }

    /**
     * When this node counts as ready.
     *
     * @param needsUpstream only while one upstream at least is reached, which is probed then
     */
    public record Ready(boolean needsUpstream) {}
}
