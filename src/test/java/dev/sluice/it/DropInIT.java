package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.jwt.Signer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sluice in the WAR of a host application: below /sluice, behind the host's login and filters. */
@ParameterizedClass
@CsvSource({"JETTY, FRAGMENT", "TOMCAT, FRAGMENT", "JETTY, LISTENER", "TOMCAT, LISTENER", "JETTY, BOTH"})
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(LogsOnFailure.class)
final class DropInIT {
    private static final String KEY = "not-the-hosts";
    private static final String WITH_KEY = "Authorization: Bearer " + KEY;

    /** Issuers of tokens, each for one test, because an issuer's keys are fetched for an unknown one only now and then. */
    private static final List<String> ISSUERS = List.of("forwarded", "listed", "included");

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static KeyServer keys;

    /** Whose key the issuers have published. */
    @SuppressWarnings("NullAway.Init")
    private static Signer signer;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used them; JUnit wants them taken here too.
    DropInIT(Container.Kind kind, HostWar.Invitation invitation) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind, HostWar.Invitation invitation) throws Exception {
        upstream = ScriptedUpstream.start();
        keys = KeyServer.start();
        signer = Signer.rsa("one");
        Path war = HostWar.make(invitation);
        // The access key is never sent, so that users get in by the host's login only.
        Launch launch = Launch.at(upstream.url())
                .with("sluice.access.keys", KEY)
                .with("sluice.callers.ada.key", "adas-key")
                .with("sluice.callers.bob.key", "bobs-key")
                .with("sluice.proxies", "127.0.0.2")
                .with("sluice.proxies.user-header", "X-User")
                .with("sluice.drain", "3s") // longer than Tomcat would let a request without a timeout go on
                .option("-Djetty.sluice.war=" + war)
                .option("-Dtest.war=" + war)
                .asRedeployable();
        for (String name : ISSUERS) {
            keys.publish(name, signer);
            launch = launch.with("sluice.issuers." + name + ".issuer", name)
                    .with("sluice.issuers." + name + ".audience", "sluice")
                    .with("sluice.issuers." + name + ".jwks", keys.url(name).toString());
        }
        container = switch (kind) {
            case JETTY -> JettyContainer.launch(launch);
            case TOMCAT -> TomcatContainer.launch("tomcat", launch);
        };
        Eventually.until("the host answers", Container.START, DropInIT::hostAnswers);
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
        keys.close();
    }

    @ParameterizedTest
    @EnumSource(Lockstep.Cut.class)
    void token_ofAUserWhoHasLoggedIn_arrivesBeforeTheNextIsSent(Lockstep.Cut cut) throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = ask("dance", "Authorization: " + HostWar.LOGIN)) {
            Lockstep.dance(upstream.next(), client, cut, 20);
        }
    }

    @Test
    void user_whoHasNotLoggedIn_isTurnedAwayByTheContainer() throws IOException {
        try (RawClient client = ask("let me in")) {
            assertThat(client.status()).isEqualTo(401);
            assertThat(client.head().first("WWW-Authenticate").orElse("")).startsWith("Basic realm=\"host\"");
            assertThat(client.body()).as("the container's words, or the host's").doesNotContain("missing_access_key");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/sluice/, text/html",
        "/sluice/js/main.js, text/javascript",
        "/sluice/i18n/en.json, application/json",
        "/sluice/favicon.svg, image/svg+xml"
    })
    void page_andItsFiles_areServedWithTheirPolicy(String path, String type) throws IOException {
        try (RawClient client = get(path)) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.head().first("Content-Type").orElse("")).startsWith(type);
            assertThat(client.head().first("Content-Security-Policy").orElse(""))
                    .contains("trusted-types");
            assertThat(client.head().first("ETag")).isPresent();
        }
    }

    @Test
    void mount_withoutItsSlash_leadsToThePage() throws IOException {
        try (RawClient client = get("/sluice")) {
            assertThat(client.status()).isEqualTo(302);
            assertThat(client.head().first("Location").orElse("")).isIn("sluice/", container.base() + "/sluice/");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/sluice/health/ready, 200, UP",
        "/sluice/metrics, 200, sluice_streams_open",
        "/sluice/nothing, 404, not_found",
        "/sluice/js/nothing.js, 404, not_found",
        "/sluice/WEB-INF/web.xml, 404, not_found",
        "/sluice/chat, 405, method_not_allowed"
    })
    void path_belowTheMount_answersAsAtTheRootOfOurOwn(String path, int status, String words) throws IOException {
        try (RawClient client = get(path)) {
            assertThat(client.status()).isEqualTo(status);
            assertThat(client.body()).contains(words);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/sluice/, 200, trusted-types, <html",
        "/sluice/health/ready, 200, none, UP",
        "/sluice/metrics, 200, none, sluice_streams_open",
        "/sluice/chat, 405, none, method_not_allowed"
    })
    void request_thatTheHostHadWait_isAnsweredAsAnyOther(String path, int status, String policy, String words)
            throws IOException {
        try (RawClient client = RawClient.connect(container.base())
                .begin("GET", path, "Authorization: " + HostWar.LOGIN, "Wait: please")) {
            assertThat(client.status()).isEqualTo(status);
            assertThat(client.body()).contains(words);
            assertThat(client.head().first("Content-Security-Policy").orElse("none"))
                    .contains(policy);
        }
    }

    @Test
    void stream_thatTheHostHadWait_comesAsAnyOther() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = ask("dance", "Authorization: " + HostWar.LOGIN, "Wait: please")) {
            Lockstep.dance(upstream.next(), client, Lockstep.Cut.WHOLE, 20);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/greeting, 200, the host's own greeting",
        "/nothing, 404, the host's own page for 404",
        "/chat, 404, the host's own page for 404",
        "/health/ready, 404, the host's own page for 404",
        "/fault, 500, the host's own page for 500"
    })
    void path_ofTheHost_answersAsWithoutUs(String path, int status, String words) throws IOException {
        try (RawClient client = RawClient.connect(container.base()).get(path)) {
            assertThat(client.status()).isEqualTo(status);
            assertThat(client.body()).isEqualTo(words);
            assertThat(client.head().headers()).doesNotContainKeys("x-content-type-options", "content-security-policy");
        }
    }

    @ParameterizedTest
    @CsvSource({"POST, /sluice/v1/chat/completions", "GET, /sluice/v1/models"})
    void filterWithoutAsyncSupport_inFront_isNamedWithTheFix(String method, String path) throws IOException {
        try (RawClient client = RawClient.connect(container.base())) {
            String login = "Authorization: " + HostWar.LOGIN;
            if (method.equals("POST")) {
                client.post(path, "{\"model\":\"m\",\"messages\":[],\"stream\":true}", login);
            } else {
                client.begin(method, path, login);
            }
            assertThat(client.status()).isEqualTo(500);
            String body = client.body();
            assertThat(Json.read(body).at("/error/code").asString()).isEqualTo("async_not_supported");
            assertThat(Json.read(body).at("/error/message").asString())
                    .contains("old (dev.sluice.it.host.OldFilter)", "<async-supported>true</async-supported>");
        }
        assertThat(container.process().log()).contains("old (dev.sluice.it.host.OldFilter)");
    }

    // Dispatches to Sluice from paths of the host that its login does not protect.

    @ParameterizedTest
    @CsvSource({
        "/forward?to=/sluice/chat, missing_access_key",
        "/forward?to=/sluice/v1/models, missing_access_key",
        "/forward?to=/sluice/metrics, missing_access_key",
        "/forward?to=/sluice/doctor/stream, missing_access_key",
        "/include?to=/sluice/chat, missing_access_key",
        "/include?to=/sluice/metrics, missing_access_key",
        "/named?to=sluice-chat, not_looked_at",
        "/named?to=sluice-models, not_looked_at",
        "/named?to=sluice-metrics, not_looked_at",
        "/named?to=sluice-health, not_looked_at"
    })
    void dispatch_ofAStranger_isRefused(String path, String code) throws IOException {
        String method = path.endsWith("chat") ? "POST" : "GET";
        try (RawClient client = RawClient.connect(container.base())) {
            if (method.equals("POST")) {
                client.post(path, "{\"prompt\":\"let me in\"}");
            } else {
                client.begin(method, path);
            }
            // An included servlet cannot set a status.
            int status = path.startsWith("/include") ? 200 : code.equals("missing_access_key") ? 401 : 403;
            assertThat(client.status()).isEqualTo(status);
            assertThat(client.body()).contains("\"code\":\"" + code + "\"").doesNotContain("data:", "sluice_streams");
        }
    }

    @Test
    void dispatchByName_isRefusedWithAKeyToo_andNamesTheWay() throws IOException {
        try (RawClient client = RawClient.connect(container.base())
                .post("/named?to=sluice-chat", "{\"prompt\":\"let me in\"}", WITH_KEY)) {
            assertThat(client.status()).isEqualTo(403);
            assertThat(client.body()).contains("do not dispatch to its servlets by name");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/forward?to=/sluice/health/live, UP",
        "/forward?to=/sluice/, <html",
        "/include?to=/sluice/health/live, UP"
    })
    void dispatch_ofAStrangerToWhatIsOpen_isAnswered(String path, String words) throws IOException {
        try (RawClient client = RawClient.connect(container.base()).get(path)) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.body()).contains(words);
        }
    }

    @Test
    void stream_thatTheHostForwards_comesAsAnyOther() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = RawClient.connect(container.base())
                .post("/forward?to=/sluice/chat", "{\"prompt\":\"dance\"}", WITH_KEY)) {
            Lockstep.dance(upstream.next(), client, Lockstep.Cut.WHOLE, 20);
        }
    }

    @Test
    void streams_thatTheHostForwardsOfOneConnection_areEachOfTheirOwnCaller() throws IOException {
        upstream.script(exchange -> exchange.stream().token("a").finish());
        try (RawClient first = RawClient.connectFrom("127.0.0.2", container.base())) {
            RawClient client = first;
            for (String[] each : new String[][] {
                {"X-Api-Key: adas-key", "ada", "named_key"},
                {"X-User: eve", "eve", "proxy"},
                {WITH_KEY, "key-", "access_key"},
                {"Authorization: Bearer bobs-key", "bob", "named_key"}
            }) {
                long before = streams(each[1], each[2]);
                client.post("/forward?to=/sluice/chat", "{\"prompt\":\"who am I\"}", each[0]);
                assertThat(client.rest().lastWords()).containsExactly("done");
                Eventually.until(
                        "the stream is logged as that of " + each[1],
                        RawClient.PATIENCE,
                        () -> streams(each[1], each[2]) == before + 1);
                client = client.again();
            }
            client.post("/forward?to=/sluice/chat", "{\"prompt\":\"who am I\"}");
            assertThat(client.status()).isEqualTo(401);
        }
    }

    // Tokens whose key is not known: the request waits until the issuer's keys have been fetched.

    @Test
    void stream_thatTheHostForwards_waitsForANewKey() throws Exception {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = RawClient.connect(container.base())
                .post(
                        "/forward?to=/sluice/chat",
                        "{\"prompt\":\"dance\"}",
                        "Authorization: Bearer " + tokenWithNewKey("forwarded"))) {
            Lockstep.dance(upstream.next(), client, Lockstep.Cut.WHOLE, 20);
        }
    }

    @Test
    void answer_thatTheHostForwards_waitsForANewKey() throws Exception {
        try (RawClient client = RawClient.connect(container.base())
                .begin(
                        "GET",
                        "/forward?to=/sluice/doctor/stream?events=2",
                        "Authorization: Bearer " + tokenWithNewKey("listed"))) {
            assertThat(client.rest().lastWords()).isNotEmpty();
        }
    }

    @Test
    void request_thatTheHostIncludes_doesNotWaitForANewKey() throws Exception {
        try (RawClient client = RawClient.connect(container.base())
                .begin("GET", "/include?to=/sluice/metrics", "Authorization: Bearer " + tokenWithNewKey("included"))) {
            assertThat(client.body()).contains("\"code\":\"keys_pending\"").doesNotContain("sluice_streams");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/forward?to=/sluice/chat", "/include?to=/sluice/chat"})
    void dispatch_ofAStrangerWhoClaimsAName_isRefused(String path) throws IOException {
        try (RawClient client = RawClient.connect(container.base())
                .post(path, "{\"prompt\":\"let me in\"}", "X-User: root", "X-Forwarded-For: 127.0.0.2")) {
            assertThat(client.body()).contains("missing_access_key").doesNotContain("data:");
        }
    }

    @Test
    void stream_thatTheHostForwards_breaksOffAsAnyOther() throws IOException {
        upstream.script(exchange -> exchange.stream().token("a").abort());
        try (RawClient client = RawClient.connect(container.base())
                .post("/forward?to=/sluice/chat", "{\"prompt\":\"break\"}", WITH_KEY)) {
            Answer answer = client.rest();
            assertThat(answer.text()).isEqualTo("a");
            assertThat(answer.lastWords()).containsExactly("error");
            assertThat(answer.end()).isEqualTo(Answer.End.BROKEN);
        }
    }

    @Test
    void stream_thatTheHostIncludes_isRefusedWithTheFix() throws IOException {
        try (RawClient client = RawClient.connect(container.base())
                .post("/include?to=/sluice/chat", "{\"prompt\":\"dance\"}", WITH_KEY)) {
            assertThat(client.body()).startsWith("the host's own beginning").contains("Forward to its path instead");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/sluice//chat",
                "//sluice/chat",
                "/sluice/;x/chat",
                "/sluice;x/chat",
                "/sluice/chat;x",
                "/sluice/%2e/chat",
                "/sluice/%63hat",
                "/sluice/health/../chat",
                "/sluice/health/..;/chat",
                "/sluice/health/%2e%2e/chat",
                "/sluice/js/..%2fchat",
                "/greeting/..;/sluice/chat",
                "/%2e/sluice/chat"
            })
    void stranger_bySomeOtherSpelling_isNotLetIn(String path) throws IOException {
        try (RawClient client =
                RawClient.connect(container.base()).post(path, "{\"prompt\":\"let me in\"}", "Connection: close")) {
            assertThat(client.status()).isIn(400, 401, 403, 404);
        }
    }

    @Test
    void failure_inTheMiddle_isAnErrorEventAndABrokenConnection() throws IOException {
        upstream.script(exchange -> exchange.stream().token("a").abort());
        try (RawClient client = ask("break", "Authorization: " + HostWar.LOGIN)) {
            Answer answer = client.rest();
            assertThat(answer.text()).isEqualTo("a");
            assertThat(answer.lastWords()).containsExactly("error");
            assertThat(answer.end()).isEqualTo(Answer.End.BROKEN);
        }
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void undeploy_whileAStreamRuns_tellsItAndLeavesNoThread() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = ask("open", "Authorization: " + HostWar.LOGIN)) {
            upstream.next().stream().token("begun");
            assertThat(client.nextEvent().data()).isEqualTo("begun");
            container.undeploy();
            assertThat(client.rest().lastWords()).containsExactly("error");
        }
        Eventually.until(
                "no thread of ours is left",
                RawClient.PATIENCE,
                () -> container.threads().stream()
                        .filter(name -> name.startsWith("sluice-"))
                        .toList(),
                List::isEmpty);
    }

    private static String tokenWithNewKey(String issuer) throws Exception {
        Signer fresh = Signer.rsa("two");
        keys.publish(issuer, signer, fresh);
        return fresh.sign(Map.of("iss", issuer, "aud", "sluice", "sub", "ada", "exp", 4_000_000_000L));
    }

    /** How many streams the log tells of that were this caller's. */
    private static long streams(String name, String basis) {
        return container
                .process()
                .log()
                .lines()
                .filter(line -> line.contains("\"caller\":\"" + name))
                .filter(line -> line.contains("\"established_by\":\"" + basis + "\""))
                .count();
    }

    private static RawClient ask(String prompt, String... headers) throws IOException {
        return RawClient.connect(container.base())
                .post("/sluice/chat", "{\"prompt\":" + Json.quote(prompt) + "}", headers);
    }

    private static RawClient get(String path) throws IOException {
        return RawClient.connect(container.base()).begin("GET", path, "Authorization: " + HostWar.LOGIN);
    }

    private static boolean hostAnswers() {
        if (!container.process().isAlive()) {
            throw new AssertionError(
                    "The server did not come up\n" + container.process().tail());
        }
        try (RawClient client = RawClient.connect(container.base()).get("/greeting")) {
            return client.status() == 200;
        } catch (IOException | AssertionError notYet) {
            return false;
        }
    }
}
