package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.jwt.Signer;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Callers with tokens of issuers: of an OpenID provider, whose keys are found by discovery, and of issuers whose keys the test
 * publishes, each for one test.
 */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class TokensIT {
    private static final String JSON = "{\"prompt\":\"Hi\"}";
    private static final String KEY = "the-right-access-key";

    /** The most threads of the container that serve requests. */
    private static final int FEW_THREADS = 10;

    /** Issuers whose keys the test publishes. */
    private static final List<String> OURS =
            List.of("plain", "flooded", "rotated", "rotated-models", "down", "held", "never");

    private static final List<String> SENT = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private static Signer one;

    @SuppressWarnings("NullAway.Init")
    private static Signer two;

    @SuppressWarnings("NullAway.Init")
    private static MockOAuth2Server provider;

    @SuppressWarnings("NullAway.Init")
    private static KeyServer keys;

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    TokensIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws Exception {
        one = Signer.rsa("one");
        two = Signer.rsa("two");
        provider = new MockOAuth2Server();
        provider.start();
        keys = KeyServer.start();
        upstream = ScriptedUpstream.start();
        upstream.script(exchange -> exchange.stream().token("a").finish());
        Launch launch = Launch.at(upstream.url())
                .with("sluice.metrics.open", "true")
                .with("sluice.access.keys", KEY)
                .with(
                        "sluice.issuers.provider.issuer",
                        provider.issuerUrl("ours").toString())
                .with("sluice.issuers.provider.audience", "sluice")
                .asRedeployable()
                .poolThreads(FEW_THREADS);
        for (String name : OURS) {
            if (!name.equals("never")) {
                keys.publish(name, one);
            }
            launch = launch.with("sluice.issuers." + name + ".issuer", issuer(name))
                    .with("sluice.issuers." + name + ".jwks", keys.url(name).toString())
                    .with("sluice.issuers." + name + ".audience", "sluice");
        }
        launch = launch.with("sluice.issuers.down.refresh", "1s");
        container = kind.start(launch);
        for (String name : OURS) {
            Eventually.until("the keys are asked for", RawClient.PATIENCE, () -> keys.asked(name) > 0);
        }
        Eventually.until(
                "the provider's keys are known",
                Container.START,
                () -> lines("The keys of the issuer provider"),
                lines -> lines.stream()
                        .anyMatch(line -> line.matches(".* (have been fetched|can be fetched again)\\.")));
    }

    @AfterParameterizedClassInvocation
    static void stop(Container.Kind kind) throws IOException {
        container.undeploy();
        Eventually.until(
                "only the container's threads are left",
                RawClient.PATIENCE,
                () -> container.threads().stream()
                        .filter(name -> !name.matches(kind.ownThreads()))
                        .toList(),
                List::isEmpty);
        Eventually.until(
                "no class loader of the application is left",
                RawClient.PATIENCE,
                () -> {
                    container.jmx().collect();
                    return container.jmx().instances(kind.classLoader());
                },
                left -> left == 0);
        String log = container.process().log();
        container.deploy();
        container.close();
        upstream.close();
        keys.close();
        provider.shutdown();
        assertThat(log).as("the log").contains("sluice.issuers.provider.issuer").doesNotContain("eyJ", "s3cret");
        SENT.removeIf(token -> token.endsWith("."));
        SENT.forEach(token -> assertThat(log).doesNotContain(token.substring(token.lastIndexOf('.'))));
        SENT.clear();
    }

    // Tokens of an OpenID provider

    @Test
    void token_ofAnOpenIdProvider_namesItsCaller_andGoesNoFurther() throws Exception {
        String token = tokenOfProvider("sluice");
        UsageLines lines = UsageLines.after(container);
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = chat("/chat", token)) {
            Exchange exchange = upstream.next();
            assertThat(exchange.head().headers()).doesNotContainKeys("authorization", "x-api-key");
            exchange.stream().token("a").finish();
            assertThat(client.rest().lastWords()).containsExactly("done");
        } finally {
            upstream.script(exchange -> exchange.stream().token("a").finish());
        }
        assertCaller(lines, "robot");
    }

    @Test
    void token_ofAnOpenIdProviderForAnotherAudience_isRefused() throws Exception {
        try (RawClient client = chat("/chat", tokenOfProvider("another"))) {
            assertRefused(client, "sluice.issuers.provider.audience");
        }
    }

    // Each check. TokensTest has more of them.

    @ParameterizedTest
    @CsvSource({
        "none, .algorithms",
        "HS256, .algorithms",
        "another signature, signature",
        "another audience, .audience",
        "another issuer, (iss)",
        "expired, (exp)",
        "no expiry, (exp)",
        "not yet valid, (nbf)",
        "critical, (crit)",
        "no name, claim sub"
    })
    void token_thatIsNotValid_isRefusedWithTheCheckAndNothingOfIt(String what, String words) throws Exception {
        Map<String, Object> claims = claims("plain", "s3cret-name");
        Map<String, Object> header = new HashMap<>();
        switch (what) {
            case "another audience" -> claims.put("aud", "s3cret-audience");
            case "another issuer" -> claims.put("iss", "https://s3cret.example");
            case "expired" -> claims.put("exp", Instant.now().getEpochSecond() - 120);
            case "no expiry" -> claims.remove("exp");
            case "not yet valid" -> claims.put("nbf", Instant.now().getEpochSecond() + 120);
            case "critical" -> header.put("crit", List.of("s3cret"));
            case "no name" -> claims.put("sub", " ");
            default -> {}
        }
        String token =
                switch (what) {
                    case "none" -> Signer.unsigned(claims);
                    case "HS256" -> one.signHs256WithPublicKey(claims);
                    case "another signature" -> Signer.rsa("one").sign(claims);
                    default -> one.sign(header, claims);
                };
        int asked = keys.asked("plain");
        for (String path : List.of("/chat", "/v1/chat/completions", "/v1/models", "/doctor/stream")) {
            try (RawClient client = ask(path, token)) {
                assertRefused(client, words);
            }
        }
        assertThat(keys.asked("plain")).as("fetches of keys").isEqualTo(asked);
    }

    @Test
    void key_besideIssuers_isAccepted() throws IOException {
        try (RawClient client = chat("/chat", KEY)) {
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
    }

    @Test
    void page_comesUpForAStranger_toAskForAToken() throws IOException {
        try (RawClient client = RawClient.connect(container.base()).get("/")) {
            assertThat(client.status()).isEqualTo(200);
        }
    }

    @Test
    void token_of16KiB_isAccepted_andALongerOneIsRefused() throws Exception {
        Map<String, Object> claims = claims("plain", "ada");
        claims.put("x", "");
        int rest = 16 * 1024 - one.sign(claims).length();
        claims.put("x", "y".repeat(rest * 3 / 4 - 2));
        String longest = one.sign(claims);
        assertThat(longest.length()).isGreaterThan(16 * 1024 - 8);
        try (RawClient client = chat("/chat", longest)) {
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
        claims.put("x", "y".repeat(rest * 3 / 4 + 8));
        try (RawClient client = chat("/chat", one.sign(claims))) {
            assertRefused(client, "longer than 16 KiB");
        }
    }

    // Keys that change, and keys that cannot be had

    @Test
    void tokens_withUnknownKeys_haveTheKeysFetchedOnceIn30Seconds() throws Exception {
        int before = keys.asked("flooded");
        Instant began = Instant.now();
        for (int i = 0; i < 200; i++) {
            String token = one.sign(Map.of("kid", "unknown-" + i), claims("flooded", "ada"));
            try (RawClient client = ask("/v1/models", token)) {
                assertRefused(client, "not by one of the keys that its issuer has published");
            }
        }
        long periods = Duration.between(began, Instant.now()).toSeconds() / 30 + 1;
        assertThat(keys.asked("flooded") - before).as("fetches").isBetween(1, (int) periods);
        try (RawClient client = chat("/chat", one.sign(claims("flooded", "ada")))) {
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
    }

    @Test
    void firstRequest_withANewKey_isServed() throws Exception {
        keys.publish("rotated", two);
        UsageLines lines = UsageLines.after(container);
        try (RawClient client = chat("/chat", two.sign(claims("rotated", "ada")))) {
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
        assertCaller(lines, "ada");
        try (RawClient client = chat("/chat", one.sign(claims("rotated", "ada")))) {
            assertRefused(client, "not by one of the keys");
        }
    }

    @Test
    void firstRequest_withANewKeyAndNoBody_isServed() throws Exception {
        upstream.script(Scripts.answer(200, "{\"object\":\"list\",\"data\":[{\"id\":\"m\",\"object\":\"model\"}]}"));
        keys.publish("rotated-models", two);
        try (RawClient client = ask("/v1/models", two.sign(claims("rotated-models", "ada")))) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.body()).contains("\"list\"");
        } finally {
            upstream.script(exchange -> exchange.stream().token("a").finish());
        }
    }

    /** More requests than the container has threads wait, and others are served all the same. */
    @Test
    void requests_thatWaitForKeys_takeNoThreads() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        keys.hold("held", latch);
        keys.publish("held", two);
        int before = keys.asked("held");
        List<RawClient> waiting = new ArrayList<>();
        try {
            String[] paths = {"/chat", "/v1/chat/completions", "/doctor/stream?events=1", "/health/live", "/"};
            for (int i = 0; i < 4 * FEW_THREADS; i++) {
                waiting.add(ask(paths[i % paths.length], two.sign(claims("held", "ada" + i))));
            }
            Eventually.until("the keys are asked for", RawClient.PATIENCE, () -> keys.asked("held") > before);
            try (RawClient other = chat("/chat", KEY)) {
                assertThat(other.rest().lastWords()).containsExactly("done");
            }
            latch.countDown();
            for (int i = 0; i < waiting.size(); i++) {
                assertThat(waiting.get(i).status()).as(paths[i % paths.length]).isEqualTo(200);
            }
            assertThat(keys.asked("held")).isEqualTo(before + 1);
        } finally {
            latch.countDown();
            for (RawClient client : waiting) {
                client.close();
            }
        }
    }

    @Test
    void keys_thatCannotBeFetchedForAWhile_stayInUse_withOneLineForEachChange() throws Exception {
        keys.fail("down");
        int before = keys.asked("down");
        Eventually.until("they are asked for", Duration.ofSeconds(60), () -> keys.asked("down") > before + 3);
        try (RawClient client = chat("/chat", one.sign(claims("down", "ada")))) {
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
        assertThat(lines("The keys of the issuer down"))
                .hasSize(2)
                .last()
                .asString()
                .contains("it answered with status 500", "are used for 24 hours");
        keys.publish("down", two);
        try (RawClient client = chat("/chat", two.sign(claims("down", "ada")))) {
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
        Eventually.until(
                "the log tells it",
                RawClient.PATIENCE,
                () -> lines("The keys of the issuer down"),
                lines -> lines.size() == 3 && lines.get(2).contains("can be fetched again"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/chat", "/v1/models", "/doctor/stream"})
    void token_ofAnIssuerWhoseKeysNeverCame_is503ThatNamesTheSetting(String path) throws Exception {
        try (RawClient client = ask(path, one.sign(claims("never", "ada")))) {
            assertThat(client.status()).isEqualTo(503);
            assertThat(client.head().first("Retry-After")).contains("5");
            JsonNode error = Json.read(client.body()).get("error");
            assertThat(error.get("code").asString()).isEqualTo("issuer_unavailable");
            assertThat(error.get("message").asString()).contains("sluice.issuers.never.jwks");
        }
    }

    private static void assertRefused(RawClient client, String words) throws IOException {
        assertThat(client.status()).isEqualTo(401);
        assertThat(client.head().first("WWW-Authenticate"))
                .contains("Bearer realm=\"sluice\", error=\"invalid_token\"");
        JsonNode error = Json.read(client.body()).get("error");
        assertThat(error.get("code").asString()).isIn("invalid_token", "expired_token");
        assertThat(error.get("message").asString()).contains(words);
        assertThat(client.body()).doesNotContain("s3cret", "eyJ");
    }

    private static void assertCaller(UsageLines lines, String name) {
        JsonNode line = lines.first();
        assertThat(line.get("caller").asString()).isEqualTo(name);
        assertThat(line.get("established_by").asString()).isEqualTo("token");
    }

    private static List<String> lines(String words) {
        return container
                .process()
                .log()
                .lines()
                .filter(line -> line.contains(words))
                .toList();
    }

    private static RawClient ask(String path, String token) throws IOException {
        if (path.equals("/chat") || path.equals("/v1/chat/completions")) {
            return chat(path, token);
        }
        SENT.add(token);
        return RawClient.connect(container.base()).begin("GET", path, "Authorization: Bearer " + token);
    }

    private static RawClient chat(String path, String token) throws IOException {
        SENT.add("." + token);
        String json = path.startsWith("/v1")
                ? "{\"model\":\"test\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"
                : JSON;
        return RawClient.connect(container.base()).post(path, json, "Authorization: Bearer " + token);
    }

    private static String issuer(String name) {
        return "https://login.example/" + name;
    }

    private static Map<String, Object> claims(String issuer, String name) {
        return new HashMap<>(Map.of(
                "iss",
                issuer(issuer),
                "aud",
                "sluice",
                "sub",
                name,
                "exp",
                Instant.now().getEpochSecond() + 300));
    }

    /** A token that a program gets by its own name and secret. */
    private static String tokenOfProvider(String audience) throws Exception {
        String form = "grant_type=client_credentials&client_id=robot&client_secret=s3cret&audience="
                + URLEncoder.encode(audience, StandardCharsets.UTF_8) + "&scope=" + audience;
        URI url = URI.create(provider.tokenEndpointUrl("ours").toString());
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(url)
                                .timeout(RawClient.PATIENCE)
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(HttpRequest.BodyPublishers.ofString(form))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Json.read(answer.body()).get("access_token").asString();
    }
}
