package dev.sluice.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that an operator can set: read once at start, well-formed, the same for every thread from then on. Printing it
 * shows no secret.
 */
public record Settings(Upstream upstream, Chat chat, Stream stream, Body body, Access access) {
    /**
     * Where answers come from.
     *
     * @param url the base URL, http or https, without a slash at its end; or the scheme {@code simulator}
     * @param key the bearer key; null, and no {@code Authorization} is sent
     * @param maxStreams open streams to the upstream, 1 or more
     * @param connectTimeout until a connection stands
     * @param firstTokenTimeout until the first token
     * @param idleTimeout silence after the first token, while it is we who wait
     */
    public record Upstream(
            URI url,
            @Nullable Secret key,
            int maxStreams,
            Duration connectTimeout,
            Duration firstTokenTimeout,
            Duration idleTimeout) {
        /** Whether the built-in simulator answers; then nothing but the scheme of {@link #url()} has a meaning. */
        public boolean simulator() {
            return url.getScheme().equals("simulator");
        }
    }

    /**
     * What {@code /chat} asks for when the request does not say.
     *
     * @param model the model's name; null, and the request must name one
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
     * @param maxTotalBytes of all bodies held at once, never less than {@code maxBytes}
     * @param timeout until a body has arrived
     */
    public record Body(int maxBytes, long maxTotalBytes, Duration timeout) {}

    /**
     * Who may call.
     *
     * @param keys any of which a client may send as its bearer key; empty, and without {@code open} only this machine
     *     is served
     * @param open no check at all, if there are no keys
     * @param corsOrigins origins whose pages may call, written as browsers write them: lower case, no default port
     * @param metricsOpen whether {@code /metrics} answers everyone
     */
    public record Access(List<Secret> keys, boolean open, List<String> corsOrigins, boolean metricsOpen) {
        public Access {
            keys = List.copyOf(keys);
            corsOrigins = List.copyOf(corsOrigins);
        }
    }
}
