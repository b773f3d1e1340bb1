package dev.sluice.config;

import dev.sluice.config.Settings.Shared.Unreachable;
import dev.sluice.config.Settings.UpstreamModel;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table of all options, in the order of the documents. A test generates from it the table of
 * {@code configuration.md} and the {@code sluice.properties} of {@code jetty-base}. {@link OptionNames} knows the
 * families whose members the operator names.
 */
final class Options {
    /** The name of the upstream that {@code sluice.upstream.*} configures. */
    static final String DEFAULT = "default";

    static final String MODELS = "sluice.models.";

    static final String CALLERS = "sluice.callers.";

    static final String PLANS = "sluice.plans.";

    static final String GROUPS = "sluice.groups.";

    static final String ISSUERS = "sluice.issuers.";

    private static final String UPSTREAM = "sluice.upstream.";
    private static final String NONE = "–";
    private static final String ANY_NUMBER = "any number";
    private static final List<Option<?>> TABLE = new ArrayList<>();

    /** Only an environment variable can set it, hence it is no row of the table. */
    static final Option<Secret> XAI_KEY = new Option<>(
            "XAI_API_KEY",
            null,
            NONE,
            Type.SECRET,
            "the API key of xAI",
            "It is sent to xAI's hosts only, and over https only.");

    static final Option<String> CONFIG = unset(
            "sluice.config",
            NONE,
            Type.TEXT,
            "the path of one more file of settings",
            "A properties file in UTF-8. It must not name a further file.");

    static final Option<URI> UPSTREAM_URL = unset(
            "sluice.upstream.url",
            "`https://api.x.ai/v1` with `XAI_API_KEY`, else `simulator:`",
            Type.URL,
            "the base URL of an OpenAI-compatible API",
            "`simulator:` is the built-in simulator.");
    static final Option<Secret> UPSTREAM_KEY = unset(
            "sluice.upstream.key",
            "`XAI_API_KEY` at xAI, else none",
            Type.SECRET,
            "the API key for the upstream",
            "Without a key, Sluice sends none.");
    static final Option<String> AUTH = unset(
            "sluice.upstream.auth",
            "`x-api-key` at Anthropic, else `bearer`",
            Type.either("bearer", "x-api-key"),
            "the header in which the upstream gets the key",
            "`bearer`: `Authorization: Bearer …`; `x-api-key`: as Anthropic wants it, whose list of models is then requested too.");
    static final Option<Integer> MAX_STREAMS = row(
            "sluice.upstream.max-streams",
            "10000",
            Type.number(1, 1_000_000),
            "the number of streams that may be open to the upstream",
            "The next one gets 503.");
    static final Option<Duration> CONNECT_TIMEOUT = row(
            "sluice.upstream.connect-timeout",
            "5s",
            Type.time("10ms", "1h"),
            "the longest wait until a request has been sent",
            "It covers the lookup of the host's name, the connection and TLS.");
    static final Option<Duration> FIRST_TOKEN_TIMEOUT = row(
            "sluice.upstream.first-token-timeout",
            "1h",
            Type.time("10ms", "24h"),
            "the longest wait for the first token",
            "Reasoning models think long. Comments, empty events and a role without text are no tokens.");
    static final Option<Duration> IDLE_TIMEOUT = row(
            "sluice.upstream.idle-timeout",
            "2m",
            Type.time("10ms", "24h"),
            "the longest silence of the upstream after the first token",
            "The time in which Sluice waits for a slow client does not count.");
    static final Option<Duration> TOKEN_TIMEOUT = row(
            "sluice.upstream.token-timeout",
            "10m",
            Type.time("10ms", "24h"),
            "the longest wait from one token to the next",
            "It runs on while comments and empty events arrive.");
    static final Option<String> FINISH_REASON = row(
            "sluice.upstream.finish-reason",
            "required",
            Type.either("required", "optional"),
            "whether a `finish_reason` must come before `[DONE]`",
            "`optional`: `[DONE]` alone ends an answer too.");
    static final Option<Boolean> INCLUDE_USAGE = row(
            "sluice.upstream.include-usage",
            "true",
            Type.FLAG,
            "whether to ask the upstream for `stream_options.include_usage`",
            "Some servers refuse requests with it.");
    static final Option<String> DEFAULTS = unset(
            "sluice.upstream.defaults",
            NONE,
            Type.OBJECT,
            "the fields that are added to requests of `/v1` without them",
            "An example is `{\"max_tokens\": 4096, \"max_output_tokens\": 4096}`. A request does not get those that its"
                    + " dialect lacks: Messages do not get `max_output_tokens`, nor Responses `max_tokens`. Beside"
                    + " `thinking`, Messages get no `temperature`, `top_k` and `top_p`.");

    static final Option<List<String>> DIALECTS = unset(
            "sluice.upstream.dialects",
            "all",
            Type.DIALECTS,
            "the [API dialects](clients.md#api-dialects) that the upstream speaks",
            "A request in another one is a 404. An example is `chat-completions, responses`.");

    static final Option<String> CHAT_DIALECT = row(
            "sluice.upstream.chat-dialect",
            "chat-completions",
            Type.DIALECT_NAME,
            "the API dialect in which the upstream is asked prompts of `/chat`",
            "`responses` and `messages` are others.");

    static final Option<Integer> RETRY_ATTEMPTS = row(
            "sluice.retry.attempts",
            "3",
            Type.number(1, 10),
            "the number of attempts at one upstream",
            "The first one counts too. After the first event there are no further attempts.");
    static final Option<Duration> RETRY_BUDGET = row(
            "sluice.retry.budget",
            "5s",
            Type.time("0s", "10m"),
            "the longest time from the first attempt at an upstream to the start of the last one",
            "");
    static final Option<Boolean> RETRY_LOST = row(
            "sluice.retry.lost",
            "false",
            Type.FLAG,
            "whether a request without an `Idempotency-Key` is sent again when it was sent whole and its answer was lost",
            "The provider may bill such a request twice.");

    static final Option<Duration> CATALOG_MAX_AGE = row(
            "sluice.catalog.max-age",
            "5m",
            Type.time("1s", "24h"),
            "the age at which the list of an upstream's models is requested again",
            "");

    static final Option<Duration> STALL_TIMEOUT = row(
            "sluice.client.stall-timeout",
            "2m",
            Type.time("10ms", "24h"),
            "the longest time in which a client takes nothing although there is output for it",
            "Then Sluice cancels the upstream call and ends the stream. The container's own idle timeout must be longer"
                    + " (Jetty: `jetty.http.idleTimeout`).");

    static final Option<String> MODEL = unset(
            "sluice.chat.model",
            "`grok-4` at xAI, `sim/fast` of the simulator, else the one alias if there is just one, else none",
            Type.TEXT,
            "the model of `/chat` for requests that name none",
            "");
    static final Option<Integer> MAX_TOKENS = row(
            "sluice.chat.max-tokens",
            "1024",
            Type.number(1, 100_000_000),
            "the longest answer of `/chat`, in tokens, for requests that name no limit",
            "");
    static final Option<String> SYSTEM = unset(
            "sluice.chat.system", NONE, Type.PROMPT, "the system message of `/chat` for requests that have none", "");
    static final Option<String> MAX_TOKENS_FIELD = row(
            "sluice.chat.max-tokens-field",
            "max_tokens",
            Type.either("max_tokens", "max_completion_tokens"),
            "the field that tells the upstream the longest answer of `/chat`",
            "The longest answer of a plan is written there too. Some models accept `max_completion_tokens` only.");
    static final Option<Long> CHAT_MAX_BYTES = row(
            "sluice.chat.max-bytes",
            "1MiB",
            Type.size("1KiB", "256MiB"),
            "the longest request body of `/chat`",
            "`sluice.request.max-bytes` is a limit for it too. While it is converted for the upstream it occupies about"
                    + " eight times its size, which counts towards `sluice.request.max-total-bytes`.");

    static final Option<String> RESPONSES_STATE = row(
            "sluice.responses.state",
            "refuse",
            Type.either("refuse", "allow"),
            "whether requests of `/v1/responses` may use [what the provider keeps](clients.md#post-v1responses)",
            "All clients share the provider's key, and so whatever it keeps. `refuse` also writes `\"store\":false` where a"
                    + " request has no `store`.");

    static final Option<Long> EVENT_MAX_BYTES = row(
            "sluice.event.max-bytes",
            "1MiB",
            Type.size("1KiB", "256MiB"),
            "the longest upstream event that is parsed",
            "A longer one is a protocol error on `/chat`, and passes unparsed on `/v1`.");
    static final Option<Long> BUFFER_BYTES = row(
            "sluice.buffer.bytes",
            "32768",
            Type.size("1024", "16MiB"),
            "the output in bytes that is gathered for one client before it is written",
            "A single event that is longer is written whole.");
    static final Option<Duration> HEARTBEAT = row(
            "sluice.heartbeat",
            "15s",
            Type.time("100ms", "24h"),
            "the longest silence towards a client",
            "Then an SSE comment is sent. `/doctor/stream?heartbeat=off` sends none.");
    static final Option<Duration> DRAIN = row(
            "sluice.drain",
            "10s",
            Type.time("0s", "24h"),
            "the time in which running streams may finish when the application stops",
            "The container must wait longer for the application (Jetty: `jetty.server.stopTimeout`, 5 s more).");

    static final Option<Long> REQUEST_MAX_BYTES =
            row("sluice.request.max-bytes", "32MiB", Type.size("1KiB", "256MiB"), "the longest request body", "");
    static final Option<Duration> REQUEST_TIMEOUT = row(
            "sluice.request.timeout",
            "30s",
            Type.time("10ms", "24h"),
            "the longest wait for the end of a request body",
            "");
    static final Option<Long> REQUEST_MAX_TOTAL_BYTES = row(
            "sluice.request.max-total-bytes",
            "64MiB",
            Type.size("1KiB", "65536MiB"),
            "all request bodies that are held at once",
            "The next one gets 503. A body is held until its answer begins, or until no further attempt can need it.");

    static final Option<List<Secret>> ACCESS_KEYS = unset(
            "sluice.access.keys",
            NONE,
            Type.SECRETS,
            "the keys that clients send as `Authorization: Bearer …` or `x-api-key`, and that have no names",
            "Without any keys, and without `sluice.access.open`, only this machine is served.");
    static final Option<Boolean> ACCESS_OPEN = row(
            "sluice.access.open",
            "false",
            Type.FLAG,
            "whether everyone is served without a key",
            "It has no effect if there are keys.");
    static final Option<Boolean> ACCESS_CERTIFICATES = row(
            "sluice.access.certificates",
            "false",
            Type.FLAG,
            "whether clients are known by the [certificates](callers-and-limits.md#client-certificates) that they show"
                    + " over TLS",
            "");
    static final Option<Boolean> METRICS_OPEN =
            row("sluice.metrics.open", "false", Type.FLAG, "whether `/metrics` answers everyone", "");
    static final Option<List<KeyHash>> METRICS_KEY = unset(
            "sluice.metrics.key",
            NONE,
            Type.CALLER_KEYS,
            "the key that opens `/metrics` and nothing else, or two while one replaces the other",
            "It is sent as `Authorization: Bearer …`. Each is the key itself, or `sha256:` and its hash. The keys of"
                    + " callers open `/metrics` too.");
    static final Option<Boolean> METRICS_CALLERS = row(
            "sluice.metrics.callers",
            "false",
            Type.FLAG,
            "whether `/metrics` counts the streams and the tokens of each caller",
            "It names 100 callers at most, and counts all others together. Whoever may read `/metrics` sees them: each"
                    + " caller sees the names and the numbers of the others.");
    static final Option<Boolean> NEEDS_UPSTREAM = row(
            "sluice.ready.needs-upstream",
            "false",
            Type.FLAG,
            "whether the node is [ready](operations.md#is-it-ready) only while it reaches an upstream",
            "Sluice then probes each upstream.");
    static final Option<List<String>> CORS_ORIGINS = unset(
            "sluice.cors.origins",
            NONE,
            Type.ORIGINS,
            "the origins whose pages may call Sluice",
            "They may send any headers.");
    static final Option<List<Network>> PROXIES = unset(
            "sluice.proxies",
            NONE,
            Type.NETWORKS,
            "the proxies whose [forwarding headers are believed](proxies.md#whose-forwarding-headers-are-believed)",
            "An example is `127.0.0.1, 10.0.0.0/8, fd00::/8`.");
    static final Option<String> USER_HEADER = unset(
            "sluice.proxies.user-header",
            NONE,
            Type.HEADER,
            "the header in which these proxies [name their user](callers-and-limits.md#users-of-a-proxy)",
            "It is believed from `sluice.proxies` only. An example is `X-Forwarded-User`.");
    static final Option<String> GROUPS_HEADER = unset(
            "sluice.proxies.groups-header",
            NONE,
            Type.HEADER,
            "the header in which these proxies name their user's groups, separated by commas",
            "An example is `X-Forwarded-Groups`.");

    static final Option<StoreUrl> SHARED_URL = unset(
            "sluice.shared.url",
            "each node counts alone",
            Type.STORE,
            "the store in which [nodes count together](callers-and-limits.md#several-nodes) what callers use of their plans",
            "It may have a password, so the log does not show it whole. An example is `rediss://:password@cache.example.org`.");
    static final Option<Duration> SHARED_TIMEOUT = row(
            "sluice.shared.timeout",
            "100ms",
            Type.time("5ms", "4s"),
            "the longest wait of a request for this store",
            "After it, and until the store is fast enough again, no request waits for it.");
    static final Option<Unreachable> SHARED_UNREACHABLE = row(
            "sluice.shared.unreachable",
            "local",
            Type.UNREACHABLE,
            "what becomes of requests while this store does not answer",
            "`local`: the node counts alone. `refuse`: requests of callers with limits get 503. `allow`: they are let in.");
    static final Option<Duration> SHARED_LEASE = row(
            "sluice.shared.lease",
            "30s",
            Type.time("1s", "1h"),
            "the time after which what a lost node holds does not count any more",
            "");

    static final Option<String> OTHERS = unset(
            MODELS + "*",
            "`default/*` if there is no alias, else none",
            Type.OTHERS,
            "the upstream that is asked for every name that is no alias",
            "Without one, such a name is a 404.");

    private Options() {}

    /** The table, without the families. */
    static List<Option<?>> all() {
        return Collections.unmodifiableList(TABLE);
    }

    /** The options {@code sluice.upstreams.<name>.*}, or {@code sluice.upstream.*} for {@link #DEFAULT}. */
    static List<Option<?>> ofUpstream(String upstream) {
        return all().stream()
                .filter(row -> row.name().startsWith(UPSTREAM))
                .<Option<?>>map(row -> of(upstream, row))
                .toList();
    }

    /** The option of that upstream that corresponds to this row of {@code sluice.upstream.*}. */
    static <T> Option<T> of(String upstream, Option<T> row) {
        return upstream.equals(DEFAULT)
                ? row
                : row.named("sluice.upstreams." + upstream + "." + row.name().substring(UPSTREAM.length()));
    }

    static Option<List<UpstreamModel>> ofModel(String alias) {
        return new Option<>(
                MODELS + alias,
                null,
                NONE,
                Type.UPSTREAM_MODELS,
                "the upstream and the model that answer for this name",
                "The first one is asked first. If it fails before its first token, the next one is asked.");
    }

    /** The options {@code sluice.callers.<name>.*}. */
    static List<Option<?>> ofCaller(String caller) {
        return List.of(
                callerKeys(caller),
                callerKeyFile(caller),
                callerExpires(caller),
                callerGroups(caller),
                callerPlan(caller));
    }

    static Option<List<KeyHash>> callerKeys(String caller) {
        return new Option<>(
                CALLERS + caller + ".key",
                null,
                NONE,
                Type.CALLER_KEYS,
                "the [key of this caller](callers-and-limits.md#named-keys), or two while one replaces the other",
                "Each is the key itself, or `sha256:` and its hash.");
    }

    static Option<String> callerKeyFile(String caller) {
        return new Option<>(
                CALLERS + caller + ".key-file",
                null,
                NONE,
                Type.KEY_FILE,
                "the path of a file with the key of this caller",
                "It is read at the start. It has what `key` would have; the line break at its end is dropped.");
    }

    static Option<LocalDate> callerExpires(String caller) {
        return new Option<>(
                CALLERS + caller + ".expires",
                null,
                "never",
                Type.DATE,
                "the last day, in UTC, on which the keys of this caller are accepted",
                "");
    }

    static Option<List<String>> callerGroups(String caller) {
        return new Option<>(
                CALLERS + caller + ".groups", null, NONE, Type.GROUPS, "the groups that this caller belongs to", "");
    }

    static Option<String> callerPlan(String caller) {
        return new Option<>(
                CALLERS + caller + ".plan",
                null,
                "that of its groups",
                Type.PLAN,
                "the [plan](callers-and-limits.md#plans) of this caller",
                "");
    }

    static Option<String> groupPlan(String group) {
        return new Option<>(
                GROUPS + group + ".plan",
                null,
                "the plan `default`, if there is one",
                Type.PLAN,
                "the [plan](callers-and-limits.md#plans) of the callers who belong to this group",
                "The caller's own plan counts first, and of several groups the first in alphabetical order that has one.");
    }

    /** The options {@code sluice.plans.<plan>.*}. */
    static List<Option<?>> ofPlan(String plan) {
        return List.of(
                planModels(plan),
                planStreams(plan),
                planRequests(plan),
                planTokens(plan),
                planMaxOutputTokens(plan),
                planReserve(plan),
                planPer(plan));
    }

    static Option<List<String>> planModels(String plan) {
        return ofPlan(
                plan,
                "models",
                null,
                "all",
                Type.MODELS,
                "the models that callers with this [plan](callers-and-limits.md#plans) may ask for, as clients name them",
                "An example is `grok, openai/*`.");
    }

    static Option<Integer> planStreams(String plan) {
        return ofPlan(
                plan,
                "streams",
                null,
                ANY_NUMBER,
                Type.number(1, 1_000_000),
                "the number of streams that may be open at once",
                "");
    }

    static Option<List<Rate>> planRequests(String plan) {
        return ofPlan(
                plan,
                "requests",
                null,
                ANY_NUMBER,
                Type.RATES,
                "the number of requests within a second, minute, hour or day",
                "An example is `60/m`.");
    }

    static Option<List<Rate>> planTokens(String plan) {
        return ofPlan(
                plan,
                "tokens",
                null,
                ANY_NUMBER,
                Type.RATES,
                "the number of tokens, of prompts and answers, within a second, minute, hour or day",
                "An example is `20000/m, 1000000/d`.");
    }

    static Option<Integer> planMaxOutputTokens(String plan) {
        return ofPlan(
                plan,
                "max-output-tokens",
                null,
                "any length",
                Type.number(1, 100_000_000),
                "the longest answer to one request, in tokens",
                "It is written into requests that name none. A request for a longer one is a 400.");
    }

    static Option<Integer> planReserve(String plan) {
        return ofPlan(
                plan,
                "reserve",
                "1000",
                "`1000`, or `max-output-tokens` if that is less",
                Type.number(0, 100_000_000),
                "the number of tokens that are reserved for an answer until its own number is known",
                "Fewer, if the request asks for fewer.");
    }

    static Option<String> planPer(String plan) {
        return ofPlan(
                plan,
                "per",
                "caller",
                "`caller`",
                Type.either("caller", "group"),
                "who shares the limits of the plan",
                "`caller`: each caller has them alone. `group`: all who have the plan by the same group share them.");
    }

    private static <T> Option<T> ofPlan(
            String plan,
            String member,
            @Nullable String fallback,
            String effect,
            Type<T> type,
            String meaning,
            String details) {
        return new Option<>(PLANS + plan + "." + member, fallback, effect, type, meaning, details);
    }

    /** The options {@code sluice.issuers.<name>.*}. */
    static List<Option<?>> ofIssuer(String issuer) {
        return List.of(
                issuer(issuer),
                issuerAudience(issuer),
                issuerJwks(issuer),
                issuerNameClaim(issuer),
                issuerGroupsClaim(issuer),
                issuerAlgorithms(issuer),
                issuerClockSkew(issuer),
                issuerRefresh(issuer));
    }

    static Option<String> issuer(String issuer) {
        return new Option<>(
                ISSUERS + issuer + ".issuer",
                null,
                "required",
                Type.ISSUER,
                "the `iss` claim of this issuer's [tokens](callers-and-limits.md#tokens-of-an-issuer-jwt), exactly as they"
                        + " have it",
                "");
    }

    static Option<List<String>> issuerAudience(String issuer) {
        return new Option<>(
                ISSUERS + issuer + ".audience",
                null,
                "required",
                Type.AUDIENCES,
                "the audience of these tokens, or several, of which a token needs one in its `aud` claim",
                "");
    }

    static Option<URI> issuerJwks(String issuer) {
        return new Option<>(
                ISSUERS + issuer + ".jwks",
                null,
                "found by OpenID discovery: `<issuer>/.well-known/openid-configuration`",
                Type.JWKS,
                "the URL of the issuer's keys, a JSON Web Key Set",
                "");
    }

    static Option<String> issuerNameClaim(String issuer) {
        return new Option<>(
                ISSUERS + issuer + ".name-claim",
                "sub",
                "`sub`",
                Type.CLAIM,
                "the claim that has the caller's name",
                "Every token must have it. It should be one that no user can change.");
    }

    static Option<String> issuerGroupsClaim(String issuer) {
        return new Option<>(
                ISSUERS + issuer + ".groups-claim",
                "groups",
                "`groups`",
                Type.CLAIM,
                "the claim that has the caller's groups",
                "An array, or one text in which spaces or commas separate them. `realm_access.roles` is the claim of this"
                        + " name, or else `roles` within `realm_access`.");
    }

    static Option<List<String>> issuerAlgorithms(String issuer) {
        String usual = "RS256, PS256, ES256, EdDSA, Ed25519";
        return new Option<>(
                ISSUERS + issuer + ".algorithms",
                usual,
                "`" + usual + "`",
                Type.ALGORITHMS,
                "the algorithms that may sign the tokens",
                "");
    }

    static Option<Duration> issuerClockSkew(String issuer) {
        return new Option<>(
                ISSUERS + issuer + ".clock-skew",
                "60s",
                "`60s`",
                Type.time("0s", "10m"),
                "how far the issuer's clock may differ from this machine's",
                "");
    }

    static Option<Duration> issuerRefresh(String issuer) {
        return new Option<>(
                ISSUERS + issuer + ".refresh",
                "5m",
                "`5m`",
                Type.time("1s", "1h"),
                "the time after which the keys are fetched again",
                "An unknown key in a token has them fetched earlier. While they cannot be fetched, known keys are used for 24"
                        + " hours.");
    }

    private static <T> Option<T> row(String name, String fallback, Type<T> type, String meaning, String details) {
        return add(new Option<>(name, fallback, "`" + fallback + "`", type, meaning, details));
    }

    /** A row without a default value: {@code effect} says what holds then. */
    private static <T> Option<T> unset(String name, String effect, Type<T> type, String meaning, String details) {
        return add(new Option<>(name, null, effect, type, meaning, details));
    }

    private static <T> Option<T> add(Option<T> option) {
        TABLE.add(option);
        return option;
    }
}
