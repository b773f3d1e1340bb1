package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Three nodes, in containers of different kinds, that count together in one Redis. One of them reaches it over TLS. */
@Needs(program = "redis-server")
@ExtendWith(LogsOnFailure.class)
final class SharedLimitsIT {
    private static final String PASSWORD = "hush-hush";
    private static final Duration LEASE = Duration.ofSeconds(5);
    private static final int ASKED = 200;
    private static final int FIT = 10;
    private static final String BODY =
            "{\"model\":\"test\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    @SuppressWarnings("NullAway.Init")
    private static RedisServer redis;

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static List<Container> nodes;

    @SuppressWarnings("NullAway.Init")
    private static Launch launch;

    @BeforeAll
    static void start() throws Exception {
        Path directory = ServerProcess.newDirectory("tls");
        Path store = Certificate.selfSigned(directory, PASSWORD);
        Path trusted = directory.resolve("trusted.p12");
        Certificate.trust(store, trusted, PASSWORD);
        int tlsPort = ServerProcess.freePort();
        redis = RedisServer.start(Stream.concat(
                        Stream.of("--requirepass", PASSWORD, "--tls-port", String.valueOf(tlsPort)),
                        certificate(store, directory).stream())
                .toArray(String[]::new));
        upstream = ScriptedUpstream.start();
        launch = at("redis://:" + PASSWORD + "@127.0.0.1:" + redis.port());
        Launch overTls = at("rediss://:" + PASSWORD + "@localhost:" + tlsPort)
                .option("-Djavax.net.ssl.trustStore=" + trusted)
                .option("-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
        nodes = List.of(
                Container.Kind.JETTY.start(overTls),
                Container.Kind.TOMCAT.start(launch),
                StandaloneContainer.launch(launch));
        nodes.get(2).awaitReady();
        for (Container node : nodes) {
            Eventually.until(
                    "it counts with the others", RawClient.PATIENCE, () -> lines(node, "count together"), n -> n > 0);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        for (Container node : nodes) {
            node.close();
            assertThat(node.process().log().lines().filter(line -> !line.contains("-D")))
                    .as("the log, but for the command line")
                    .noneMatch(line -> line.contains(PASSWORD));
        }
        upstream.close();
        redis.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"requests", "streams"})
    void requests_atThreeNodesAtOnceAgainstALimitThatFitsTen_areLetInTenTimes(String caller) throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        upstream.script(Scripts.gated(gate, 2));
        List<RawClient> all = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(9);
        try {
            List<Future<RawClient>> asked = new ArrayList<>();
            for (int i = 0; i < ASKED; i++) {
                Container node = nodes.get(i % nodes.size());
                asked.add(threads.submit(() -> ask(node, caller)));
            }
            for (Future<RawClient> each : asked) {
                all.add(each.get(60, TimeUnit.SECONDS));
            }
            int letIn = 0;
            for (RawClient client : all) {
                if (client.status() == 200) {
                    letIn++;
                } else {
                    assertThat(client.status()).isEqualTo(429);
                }
            }
            assertThat(letIn).isEqualTo(FIT);
        } finally {
            gate.countDown();
            threads.shutdownNow();
            for (RawClient client : all) {
                client.close();
            }
        }
        nodes.forEach(Container::awaitIdle);
    }

    @Test
    void node_killed_itsReservationsEndWithItsLease() throws Exception {
        upstream.script(ScriptedUpstream.BY_HAND);
        Container lost = Container.Kind.TOMCAT.start(launch);
        RawClient running = ask(lost, "one");
        Exchange begun = upstream.next().stream().token("a");
        assertThat(running.status()).isEqualTo(200);
        try (RawClient second = ask(nodes.get(0), "one")) {
            assertThat(second.status()).as("while it runs").isEqualTo(429);
        }
        lost.process().kill();
        upstream.script(exchange -> exchange.stream().token("a").finish());
        long killed = System.nanoTime();
        Eventually.until(
                "what it held is free", RawClient.PATIENCE, () -> status(nodes.get(0), "one"), status -> status == 200);
        assertThat(Duration.ofNanos(System.nanoTime() - killed)).isGreaterThan(LEASE.dividedBy(2));
        running.close();
        begun.awaitClosed(Duration.ofSeconds(5));
    }

    /** Paused, and killed without its data: what was used is known afterwards, and nobody has noticed much. */
    @Test
    void store_away_isOnlyTold() throws Exception {
        Container node = nodes.get(1);
        Container other = nodes.get(0);
        upstream.script(ScriptedUpstream.BY_HAND);
        RawClient running = ask(node, "away");
        Exchange begun = upstream.next().stream().token("a");
        assertThat(running.nextEvent().data()).contains("\"a\"");
        int away = lines(node, "is unreachable");
        int back = lines(node, "reachable again");

        redis.pause();
        upstream.script(exchange -> exchange.stream().token("a").finish());
        for (int i = 0; i < 5; i++) {
            assertThat(status(node, "away")).isEqualTo(200);
        }
        begun.token("b");
        assertThat(running.nextEvent().data()).as("a stream goes on").contains("\"b\"");
        assertThat(lines(node, "is unreachable: it did not answer within")).isGreaterThan(0);
        redis.resume();
        awaitBack(node, back + 1);
        assertThat(lines(node, "is unreachable")).isEqualTo(away + 1);

        redis.kill();
        Eventually.until(
                "it is noticed", RawClient.PATIENCE, () -> lines(node, "is unreachable"), lines -> lines == away + 2);
        for (int i = 0; i < 5; i++) {
            assertThat(status(node, "away")).isEqualTo(200);
        }
        redis.startAgain();
        awaitBack(node, back + 2);
        begun.finish();
        assertThat(running.rest().end()).isEqualTo(Answer.End.CLEAN);
        running.close();
        assertThat(lines(node, "is unreachable")).isEqualTo(away + 2);

        Eventually.until(
                "the other node counts with it",
                RawClient.PATIENCE,
                () -> lines(other, "is unreachable") == lines(other, "reachable again"));
        // 11 requests so far, and each look at the count is one more.
        int[] looks = {0};
        Eventually.until(
                "the other node knows of all requests",
                RawClient.PATIENCE,
                () -> {
                    looks[0]++;
                    try (RawClient look = ask(other, "away")) {
                        return 1000
                                - Integer.parseInt(look.head()
                                        .first("x-ratelimit-remaining-requests")
                                        .orElseThrow())
                                - looks[0];
                    }
                },
                before -> before == 11);
    }

    @ParameterizedTest
    @EnumSource(Container.Kind.class)
    void undeploy_leavesNoThreadAndNoClassLoader(Container.Kind kind) throws IOException {
        upstream.script(exchange -> exchange.stream().token("a").finish());
        try (Container container =
                kind.start(launch.with("sluice.drain", "300ms").asRedeployable())) {
            for (int round = 0; round < 3; round++) {
                if (round > 0) {
                    container.deploy();
                }
                assertThat(status(container, "many")).isEqualTo(200);
                container.undeploy();
            }
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
            if (container instanceof TomcatContainer tomcat) {
                assertThat(tomcat.leaks()).as("leaks that Tomcat itself finds").isEmpty();
            }
            assertThat(container.process().log()).doesNotContain("memory leak").doesNotContain("failed to stop");
            container.deploy(); // so that close() has an application to stop
        }
    }

    @Test
    void node_withoutAStore_loadsNothingForIt() throws IOException {
        Path with = ServerProcess.newDirectory("classes").resolve("with");
        Path without = ServerProcess.newDirectory("classes").resolve("without");
        for (Path log : List.of(with, without)) {
            Launch plain = Launch.at(upstream.url())
                    .with("sluice.plans.default.requests", "10/d")
                    .option("-Xlog:class+load:file=" + log);
            try (Container container = Container.Kind.JETTY.start(
                    log == with ? plain.with("sluice.shared.url", "redis://127.0.0.1:" + redis.port()) : plain)) {
                upstream.script(exchange -> exchange.stream().token("a").finish());
                try (RawClient client = RawClient.completions(container.base(), BODY)) {
                    assertThat(client.status()).isEqualTo(200);
                }
            }
        }
        assertThat(loaded(with)).isPositive();
        assertThat(loaded(without)).isZero();
    }

    private static long loaded(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(" io.lettuce.")
                            || line.contains(" io.netty.")
                            || line.contains(" reactor.")
                            || line.contains(" dev.sluice.admission.redis."))
                    .count();
        }
    }

    private static Launch at(String store) {
        Launch all = Launch.at(upstream.url())
                .with("sluice.shared.url", store)
                .with("sluice.shared.lease", LEASE.toSeconds() + "s")
                // On a busy machine, a Redis may need more than 100 ms. SharedLedgerTest tests how long requests wait.
                .with("sluice.shared.timeout", "3s")
                .with("sluice.metrics.open", "true")
                .with("sluice.plans.requests.requests", FIT + "/d")
                .with("sluice.plans.streams.streams", String.valueOf(FIT))
                .with("sluice.plans.one.streams", "1")
                .with("sluice.plans.many.requests", "1000/d");
        for (String name : List.of("requests", "streams", "one", "many", "away")) {
            all = all.with("sluice.callers." + name + ".key", key(name))
                    .with("sluice.callers." + name + ".plan", name.equals("away") ? "many" : name);
        }
        return all;
    }

    private static String key(String name) {
        return "the-key-of-" + name;
    }

    private static RawClient ask(Container node, String caller) throws IOException {
        return RawClient.completions(node.base(), BODY, "Authorization: Bearer " + key(caller));
    }

    private static int status(Container node, String caller) throws IOException {
        try (RawClient client = ask(node, caller)) {
            int status = client.status();
            if (status == 200) {
                client.rest();
            }
            return status;
        }
    }

    private static int lines(Container node, String text) {
        return (int)
                node.process().log().lines().filter(line -> line.contains(text)).count();
    }

    private static void awaitBack(Container node, int times) {
        Eventually.until(
                "it counts with the others again",
                RawClient.PATIENCE,
                () -> lines(node, "reachable again"),
                lines -> lines == times);
    }

    /** The options with the certificate and the key of this store. */
    private static List<String> certificate(Path store, Path directory) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        Path certificate = directory.resolve("server.crt");
        Path key = directory.resolve("server.key");
        Files.writeString(
                certificate, pem("CERTIFICATE", keys.getCertificate("server").getEncoded()));
        Files.writeString(
                key,
                pem("PRIVATE KEY", keys.getKey("server", PASSWORD.toCharArray()).getEncoded()));
        return List.of(
                "--tls-cert-file",
                certificate.toString(),
                "--tls-key-file",
                key.toString(),
                "--tls-ca-cert-file",
                certificate.toString(),
                "--tls-auth-clients",
                "no");
    }

    private static String pem(String what, byte[] content) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + what
                + "-----\n";
    }
}
