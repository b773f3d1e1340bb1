package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.sluice.config.Settings;
import dev.sluice.config.SettingsException;
import dev.sluice.it.Eventually;
import dev.sluice.it.Exchange;
import dev.sluice.it.KeyServer;
import dev.sluice.it.ScriptedUpstream;
import dev.sluice.jwt.Signer;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Settings are replaced while streams run. The whole application in Jetty, over real sockets. */
@Timeout(120)
final class ReplaceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String OLD_KEY = "sesame-old";
    private static final String NEW_KEY = "sesame-new";

    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);
    private final ServletContextHandler context = new ServletContextHandler();
    private final Application application = new Application();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, String> before = new HashMap<>();
    private final Map<String, String> after = new HashMap<>();

    /** Runs between the access filter and the servlet. */
    private volatile Runnable between = () -> {};

    @SuppressWarnings("NullAway.Init")
    private ScriptedUpstream oldUpstream;

    @SuppressWarnings("NullAway.Init")
    private ScriptedUpstream newUpstream;

    @BeforeEach
    void start() throws Exception {
        oldUpstream = ScriptedUpstream.start();
        newUpstream = ScriptedUpstream.start();
        before.putAll(Map.of(
                "sluice.upstream.url", oldUpstream.url().toString(),
                "sluice.upstream.key", "upstream-key-old",
                "sluice.access.keys", OLD_KEY,
                "sluice.chat.model", "m",
                "sluice.drain", "300ms"));
        after.putAll(before);
        after.putAll(Map.of(
                "sluice.upstream.url",
                newUpstream.url().toString(),
                "sluice.upstream.key",
                "upstream-key-new",
                "sluice.access.keys",
                NEW_KEY));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        before.forEach(context::setInitParameter);
        context.addEventListener(application);
        context.addEventListener(new ServletContextListener() {
            @Override
            public void contextInitialized(ServletContextEvent event) {
                var filter = event.getServletContext().addFilter("between", (request, response, chain) -> {
                    between.run();
                    chain.doFilter(request, response);
                });
                filter.setAsyncSupported(true);
                filter.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), true, "/*");
            }
        });
        server.setHandler(context);
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
        oldUpstream.close();
        newUpstream.close();
        Eventually.until("no thread is left", PATIENCE, ReplaceTest::threads, List::isEmpty);
    }

    @Test
    void stream_thatBeganBefore_endsWholeWithWhatItBeganWith_whileNewOnesGetTheNew() throws Exception {
        Stream running = open(OLD_KEY);
        Exchange begun = oldUpstream.next().stream().token("old");
        assertThat(running.nextData()).isEqualTo("old");
        application.replace(Given.settings(after));

        Stream later = open(NEW_KEY);
        Exchange fresh = newUpstream.next().stream().token("new");
        assertThat(later.nextData()).isEqualTo("new");
        assertThat(fresh.head().first("Authorization")).contains("Bearer upstream-key-new");
        fresh.finish();
        assertThat(later.rest()).contains("event: done");

        assertThat(status(OLD_KEY)).as("with a key that is none any longer").isEqualTo(401);
        assertThat(oldUpstream.openConnections())
                .as("connections while a stream needs them")
                .isEqualTo(1);
        begun.token("still here").finish();
        assertThat(running.nextData()).isEqualTo("still here");
        assertThat(running.rest()).contains("event: done");
        Eventually.until(
                "connections of the old generation", PATIENCE, oldUpstream::openConnections, open -> open == 0);
        assertThat(newUpstream.openConnections()).isEqualTo(1);
    }

    @Test
    void account_ofACaller_goesOnWithWhatIsSpentAndHeldAndHasTheNewAmounts() throws Exception {
        before.put("sluice.plans.default.requests", "100/d");
        application.replace(Given.settings(before));
        Stream running = open(OLD_KEY);
        Exchange begun = oldUpstream.next().stream().token("old");
        assertThat(running.nextData()).isEqualTo("old");

        before.put("sluice.plans.default.requests", "50/d");
        before.put("sluice.plans.default.streams", "1");
        application.replace(Given.settings(before));
        assertThat(status(OLD_KEY)).as("while its stream runs").isEqualTo(429);
        begun.finish();
        assertThat(running.rest()).contains("event: done");

        oldUpstream.script(exchange -> exchange.stream().token("new").finish());
        HttpResponse<String> answer = Eventually.until(
                "the stream is settled",
                PATIENCE,
                () -> send(OLD_KEY, "x", BodyHandlers.ofString()),
                said -> said.statusCode() == 200);
        assertThat(answer.headers().firstValue("x-ratelimit-limit-requests")).contains("50");
        assertThat(answer.headers().firstValue("x-ratelimit-remaining-requests"))
                .as("after two requests")
                .contains("48");
    }

    @Test
    void request_thatWasLetInBefore_isAnsweredByTheSameSettings() throws Exception {
        between = () -> application.replace(Given.settings(after));
        Stream running = open(OLD_KEY);
        Exchange begun = oldUpstream.next();
        between = () -> {};
        assertThat(begun.head().first("Authorization")).contains("Bearer upstream-key-old");
        begun.stream().token("old").finish();
        assertThat(running.nextData()).isEqualTo("old");
        assertThat(running.rest()).contains("event: done");
        assertThat(status(OLD_KEY)).isEqualTo(401);
    }

    @Test
    void upstream_thatIsTheSame_keepsItsConnectionsAndItsPermits() throws Exception {
        oneStream(OLD_KEY, oldUpstream);
        for (int i = 0; i < 20; i++) {
            Map<String, String> values = new HashMap<>(before);
            values.put("sluice.access.keys", "key-" + i);
            application.replace(Given.settings(values));
            oneStream("key-" + i, oldUpstream);
        }
        // A connection may not be back in the pool when the next stream begins.
        assertThat(oldUpstream.acceptedConnections()).isLessThan(5);

        before.put("sluice.upstream.max-streams", "1");
        application.replace(Given.settings(before));
        Stream running = open(OLD_KEY);
        Exchange begun = oldUpstream.next().stream().token("one");
        assertThat(running.nextData()).isEqualTo("one");
        before.put("sluice.heartbeat", "14s");
        application.replace(Given.settings(before));
        assertThat(status(OLD_KEY))
                .as("beyond max-streams, which a stream of before takes")
                .isEqualTo(503);
        begun.finish();
        assertThat(running.rest()).contains("event: done");
    }

    /** Also while they cannot be fetched again. */
    @Test
    void keys_ofAnIssuerThatIsTheSame_areKept() throws Exception {
        Signer signer = Signer.rsa("one");
        String token = signer.sign(Map.of(
                "iss", "https://login.example", "aud", "sluice", "sub", "ada", "exp", 4_000_000_000L, "groups", "a"));
        try (KeyServer keys = KeyServer.start()) {
            keys.publish("ours", signer);
            before.put("sluice.issuers.ours.issuer", "https://login.example");
            before.put("sluice.issuers.ours.jwks", keys.url("ours").toString());
            before.put("sluice.issuers.ours.audience", "sluice");
            application.replace(Given.settings(before));
            oneStream(token, oldUpstream);
            assertThat(keys.asked("ours")).isEqualTo(1);
            keys.fail("ours");
            before.put("sluice.issuers.ours.audience", "sluice, other");
            before.put("sluice.access.keys", "another");
            application.replace(Given.settings(before));
            oneStream(token, oldUpstream);
            assertThat(keys.asked("ours")).isEqualTo(1);
            before.put("sluice.issuers.ours.audience", "other");
            application.replace(Given.settings(before));
            assertThat(status(token)).isEqualTo(401);
            before.remove("sluice.issuers.ours.issuer");
            before.remove("sluice.issuers.ours.jwks");
            before.remove("sluice.issuers.ours.audience");
            application.replace(Given.settings(before));
            Eventually.until(
                    "threads for keys",
                    PATIENCE,
                    () -> threads().stream()
                            .filter(name -> name.contains("documents"))
                            .toList(),
                    List::isEmpty);
        }
    }

    @Test
    void keys_ofNamedCallers_areReplacedToo() throws Exception {
        before.put("sluice.callers.ada.key", "adas-first");
        application.replace(Given.settings(before));
        oneStream("adas-first", oldUpstream);
        before.put("sluice.callers.ada.key", "adas-second");
        application.replace(Given.settings(before));
        oneStream("adas-second", oldUpstream);
        assertThat(status("adas-first")).isEqualTo(401);
    }

    @Test
    void settings_thatAreFaulty_changeNothingAndAllFaultsAreTold() throws Exception {
        after.put("sluice.upstreams.second.url", newUpstream.url().toString());
        after.put("sluice.models.*", "default/*");
        after.put("sluice.models.a", "second/m");
        Settings two = Given.settings(after);
        Settings faulty = Given.with(
                two,
                two.upstreams().stream()
                        .map(each -> withDefaults(each, "{\"messages\": 1"))
                        .toList());
        SettingsException fault = catchThrowableOfType(SettingsException.class, () -> application.replace(faulty));
        assertThat(fault.faults()).hasSize(2).anySatisfy(line -> assertThat(line)
                .contains("second"));

        after.put("sluice.upstreams.second.dialects", "responses, nonsense");
        after.put("sluice.upstream.chat-dialect", "embeddings");
        SettingsException dialects =
                catchThrowableOfType(SettingsException.class, () -> application.replace(Given.settings(after)));
        assertThat(dialects.faults()).hasSize(3).anySatisfy(line -> assertThat(line)
                .startsWith(
                        "The dialects of the upstream second: nonsense is not known here; the known ones are chat-"));
        assertThat(dialects.faults())
                .anySatisfy(line -> assertThat(line)
                        .startsWith(
                                "The chat-dialect of the upstream second: expected one of chat-completions, messages,")
                        .endsWith(" that is among its dialects, and not chat-completions."))
                .anySatisfy(line -> assertThat(line).endsWith(" and not embeddings."));

        after.put("sluice.upstreams.second.dialects", "nonsense");
        assertThat(catchThrowableOfType(SettingsException.class, () -> application.replace(Given.settings(after)))
                        .faults())
                .as("without any dialect for prompts, the second needs none")
                .filteredOn(line -> line.contains("second"))
                .hasSize(1);

        Settings unusable = Given.with(
                two,
                List.of(
                        two.upstreams().get(0),
                        withTimeout(two.upstreams().get(1), Duration.ofSeconds(Long.MAX_VALUE))));
        assertThatThrownBy(() -> application.replace(unusable))
                .as("what only shows when the second client is started")
                .isInstanceOf(IllegalStateException.class)
                .hasRootCauseInstanceOf(ArithmeticException.class);
        oneStream(OLD_KEY, oldUpstream);
        assertThat(status(NEW_KEY)).isEqualTo(401);
        assertThat(newUpstream.acceptedConnections()).isZero();
    }

    @Test
    void settings_thatHoldUntilTheNextStart_areToldByName() {
        after.put("sluice.drain", "11s");
        after.put("sluice.shared.url", "redis://127.0.0.1");
        assertThat(application.replace(Given.settings(after))).containsExactly("sluice.drain", "sluice.shared.*");
        after.remove("sluice.shared.url");
        after.put("sluice.drain", "300ms");
        assertThat(application.replace(Given.settings(after))).isEmpty();
    }

    @Test
    void bodies_ofTheNewSettings_haveTheNewRoom() throws Exception {
        after.put("sluice.request.max-bytes", "1KiB");
        after.put("sluice.request.max-total-bytes", "1KiB");
        application.replace(Given.settings(after));
        assertThat(send(NEW_KEY, "x".repeat(2_000), BodyHandlers.ofString()).body())
                .contains("sluice.request.max-bytes");
        Stream held = open(NEW_KEY, "x".repeat(900));
        Exchange begun = newUpstream.next();
        assertThat(send(NEW_KEY, "x".repeat(900), BodyHandlers.ofString()).body())
                .as("while another body is held")
                .contains("sluice.request.max-total-bytes");
        begun.stream().token("whole").finish();
        assertThat(held.rest()).contains("event: done");
    }

    @Test
    void models_andHealth_areThoseOfTheNewSettings() throws Exception {
        after.put("sluice.models.fast", "second/m");
        after.put("sluice.models.*", "second/*");
        after.put("sluice.chat.model", "fast");
        after.put("sluice.upstreams.second.url", newUpstream.url().toString());
        application.replace(Given.settings(after));
        newUpstream.script(exchange -> exchange.answer(200, "application/json", "{\"data\":[{\"id\":\"m\"}]}"));
        assertThat(get("/v1/models", NEW_KEY)).contains("\"fast\"", "\"m\"");
        assertThat(get("/health/ready", NEW_KEY)).contains("\"second\"").doesNotContain("\"default\"");
    }

    @Test
    void metrics_ofAnUpstreamInTwoGenerations_areShownOnceAndKeepWhatWasCounted() throws Exception {
        oldUpstream.refuse();
        assertThat(status(OLD_KEY)).isEqualTo(502);
        String first = get("/metrics", OLD_KEY);
        double faults = sum(first, "sluice_upstream_faults_total{");
        double retries = sum(first, "sluice_upstream_retries_total{");
        assertThat(faults).isPositive();
        assertThat(retries).isPositive();
        assertThat(sum(first, "sluice_upstream_reachable{")).isZero();

        application.replace(Given.settings(after));
        Stream running = open(NEW_KEY);
        Exchange begun = newUpstream.next().stream().token("new");
        assertThat(running.nextData()).isEqualTo("new");
        Eventually.until(
                "the old generation is closed", PATIENCE, () -> !threads().contains("sluice-close"));
        String second = get("/metrics", NEW_KEY);
        assertThat(sum(second, "sluice_upstream_faults_total{")).isEqualTo(faults);
        assertThat(sum(second, "sluice_upstream_retries_total{")).isEqualTo(retries);
        assertThat(lines(second, "sluice_upstream_reachable{"))
                .containsExactly("sluice_upstream_reachable{upstream=\"default\"} 1.0");

        after.put("sluice.models.*", "second/*");
        after.put("sluice.upstreams.second.url", newUpstream.url().toString());
        application.replace(Given.settings(after));
        assertThat(lines(get("/metrics", NEW_KEY), "sluice_upstream_exchanges_open{"))
                .as("while a stream of the old generation runs")
                .containsExactlyInAnyOrder(
                        "sluice_upstream_exchanges_open{upstream=\"default\"} 1.0",
                        "sluice_upstream_exchanges_open{upstream=\"second\"} 0.0");
        begun.finish();
        assertThat(running.rest()).contains("event: done");
        Eventually.until(
                "lines of the upstream that is no more",
                PATIENCE,
                () -> lines(get("/metrics", NEW_KEY), "sluice_upstream").stream()
                        .filter(line -> line.contains("\"default\""))
                        .toList(),
                List::isEmpty);
    }

    @Test
    void readiness_whileTheNewUpstreamIsNotKnownYet_staysAsItWas() throws Exception {
        before.put("sluice.ready.needs-upstream", "true");
        application.replace(Given.settings(before));
        oldUpstream.next().answer(200, "application/json", "{\"data\":[]}");
        Eventually.until("the node is ready", PATIENCE, () -> get("/health/ready", OLD_KEY)
                .contains("UP"));
        after.put("sluice.ready.needs-upstream", "true");
        after.put("sluice.access.keys", OLD_KEY);
        application.replace(Given.settings(after));
        Exchange probe = newUpstream.next();
        assertThat(get("/health/ready", OLD_KEY)).contains("\"status\":\"UP\"");
        probe.close();
        Eventually.until("the node is not ready", PATIENCE, () -> get("/health/ready", OLD_KEY)
                .contains("no upstream"));
    }

    @Test
    void stop_whileAnOldGenerationHasAStream_endsItAndLeavesNothing() throws Exception {
        Stream running = open(OLD_KEY);
        Exchange begun = oldUpstream.next().stream().token("old");
        assertThat(running.nextData()).isEqualTo("old");
        application.replace(Given.settings(after));
        oneStream(NEW_KEY, newUpstream);

        CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> {
            try {
                context.stop();
            } catch (Exception fault) {
                throw new IllegalStateException(fault);
            }
        });
        assertThat(running.rest()).contains("event: error").contains("draining");
        begun.awaitClosed(PATIENCE);
        stopped.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        assertThat(threads()).isEmpty();
        assertThat(oldUpstream.openConnections() + newUpstream.openConnections())
                .isZero();
        assertThatThrownBy(() -> application.replace(Given.settings(after))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void replacing_aHundredTimesUnderLoad_breaksNoStreamAndLeavesNothing() throws Exception {
        ScriptedUpstream.Script script =
                exchange -> exchange.stream().token("a").token("b").finish();
        oldUpstream.script(script);
        newUpstream.script(script);
        oneAnswer(OLD_KEY);
        List<String> threadsBefore = threads();
        long filesBefore = openFiles();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Map<String, String> values = new HashMap<>(i % 2 == 0 ? after : before);
            values.put("sluice.access.keys", OLD_KEY);
            values.put("sluice.upstream.key", "upstream-key-" + i);
            answers.add(client.sendAsync(request(OLD_KEY, "x"), BodyHandlers.ofString()));
            application.replace(Given.settings(values));
        }
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).body())
                    .contains("data: a", "data: b", "event: done");
        }
        application.replace(Given.settings(before));
        oneAnswer(OLD_KEY);
        Eventually.until("threads are as before", PATIENCE, () -> threads().size(), now -> now <= threadsBefore.size());
        Eventually.until(
                "connections",
                PATIENCE,
                () -> oldUpstream.openConnections() + newUpstream.openConnections(),
                open -> open == 1);
        // The selectors of so many generations alone would be about 500. A few belong to the JVM or to the test's
        // client.
        Eventually.until(
                "files and sockets are as before", PATIENCE, ReplaceTest::openFiles, now -> now < filesBefore + 50);
    }

    private static Settings.Upstream withDefaults(Settings.Upstream upstream, String defaults) {
        return new Settings.Upstream(
                upstream.name(),
                upstream.url(),
                upstream.key(),
                upstream.auth(),
                upstream.maxStreams(),
                upstream.connectTimeout(),
                upstream.firstTokenTimeout(),
                upstream.idleTimeout(),
                upstream.tokenTimeout(),
                upstream.includeUsage(),
                upstream.finishReasonOptional(),
                defaults,
                upstream.dialects(),
                upstream.chatDialect());
    }

    private static Settings.Upstream withTimeout(Settings.Upstream upstream, Duration connectTimeout) {
        return new Settings.Upstream(
                upstream.name(),
                upstream.url(),
                upstream.key(),
                upstream.auth(),
                upstream.maxStreams(),
                connectTimeout,
                upstream.firstTokenTimeout(),
                upstream.idleTimeout(),
                upstream.tokenTimeout(),
                upstream.includeUsage(),
                upstream.finishReasonOptional(),
                null,
                upstream.dialects(),
                upstream.chatDialect());
    }

    private void oneStream(String key, ScriptedUpstream upstream) throws Exception {
        Stream stream = open(key);
        upstream.next().stream().token("whole").finish();
        assertThat(stream.nextData()).isEqualTo("whole");
        assertThat(stream.rest()).contains("event: done");
    }

    private void oneAnswer(String key) throws Exception {
        assertThat(send(key, "x", BodyHandlers.ofString()).body()).contains("event: done");
    }

    private int status(String key) throws Exception {
        return send(key, "x", BodyHandlers.ofString()).statusCode();
    }

    /** Sends a request. Its answer can be read when the upstream has begun one. */
    private Stream open(String key) {
        return open(key, "x");
    }

    private Stream open(String key, String prompt) {
        return new Stream(client.sendAsync(request(key, prompt), BodyHandlers.ofInputStream())
                .thenApply(answer -> new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))));
    }

    private <T> HttpResponse<T> send(String key, String prompt, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        return client.send(request(key, prompt), handler);
    }

    private HttpRequest request(String key, String prompt) {
        return HttpRequest.newBuilder(uri("/chat"))
                .header("Content-Type", "text/plain")
                .header("Authorization", "Bearer " + key)
                .timeout(PATIENCE)
                .POST(BodyPublishers.ofString(prompt))
                .build();
    }

    private String get(String path, String key) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri(path))
                .header("Authorization", "Bearer " + key)
                .timeout(PATIENCE)
                .build();
        return client.send(request, BodyHandlers.ofString()).body();
    }

    private static List<String> lines(String metrics, String beginning) {
        return metrics.lines().filter(line -> line.startsWith(beginning)).toList();
    }

    private static double sum(String metrics, String beginning) {
        return lines(metrics, beginning).stream()
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + connector.getLocalPort() + path);
    }

    /** The names of our threads. */
    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("sluice-"))
                .toList();
    }

    private static long openFiles() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getOpenFileDescriptorCount()
                : 0;
    }

    /** An answer that is read line by line. */
    private record Stream(CompletableFuture<BufferedReader> lines) {
        /** The value of the next {@code data:} line. */
        String nextData() throws Exception {
            for (String line = reader().readLine(); line != null; line = reader().readLine()) {
                if (line.startsWith("data: ")) {
                    return line.substring("data: ".length());
                }
            }
            throw new AssertionError("The answer has ended");
        }

        String rest() throws Exception {
            StringBuilder rest = new StringBuilder();
            try {
                for (String line = reader().readLine(); line != null; line = reader().readLine()) {
                    rest.append(line).append('\n');
                }
            } catch (IOException brokenOff) {
                rest.append("broken off");
            }
            return rest.toString();
        }

        private BufferedReader reader() throws Exception {
            return lines.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }
}
