package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** At a stop, streams may finish, those that do not get an error event, and no thread or class loader remains. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class LifecycleIT {
    private static final Duration DRAIN = Duration.ofSeconds(3);

    @Parameter
    @SuppressWarnings("NullAway.Init")
    private Container.Kind kind;

    private enum Stop {
        SIGTERM,
        UNDEPLOY;

        /** Begins the stop; completes when the container has stopped the application. */
        CompletableFuture<Void> begin(Container container) {
            return CompletableFuture.runAsync(() -> {
                if (this == SIGTERM) {
                    container.stop();
                } else {
                    container.undeploy();
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource(Stop.class)
    void stop_whileStreamsRun_letsThemFinishAndTellsTheOthers(Stop how) throws IOException {
        try (ScriptedUpstream upstream = ScriptedUpstream.start();
                Container container = start(upstream, DRAIN);
                RawClient finishing = RawClient.chat(container.base(), "finishing");
                RawClient endless = RawClient.chat(container.base(), "endless");
                RawClient silent = RawClient.chat(container.base(), "silent")) {
            Exchange first = upstream.next();
            Exchange second = upstream.next();
            Exchange third = upstream.next();
            List<Exchange> exchanges = List.of(first, second, third);
            Exchange toFinish = byPrompt(exchanges, "finishing").stream().token("begun");
            Exchange neverEnding = byPrompt(exchanges, "endless").stream().token("begun");
            Exchange nothingYet = byPrompt(exchanges, "silent");
            assertThat(finishing.nextEvent().data()).isEqualTo("begun");
            assertThat(endless.nextEvent().data()).isEqualTo("begun");

            CompletableFuture<Void> stopped = how.begin(container);
            Eventually.until("no new request is served", RawClient.PATIENCE, () -> !container.isReady());
            toFinish.token("and whole").finish();
            Answer whole = finishing.rest();
            assertThat(whole.text()).isEqualTo("and whole");
            assertThat(whole.lastWords()).as("a stream that ends in time").containsExactly("done");
            assertThat(whole.end()).isEqualTo(Answer.End.CLEAN);

            Answer cut = endless.rest();
            assertThat(cut.lastWords()).as("a stream that does not").containsExactly("error");
            assertThat(Json.read(cut.last().data()).at("/error/type").asString())
                    .isEqualTo("draining");
            assertThat(silent.status()).as("a stream of which nothing was sent").isEqualTo(503);
            neverEnding.awaitClosed(Duration.ofSeconds(5));
            nothingYet.awaitClosed(Duration.ofSeconds(5));
            await(stopped);
        }
    }

    @Test
    void undeploy_whileAClientTakesNothing_leavesNothingAllTheSame() throws IOException {
        try (ScriptedUpstream upstream = ScriptedUpstream.start();
                Container container = start(upstream, Duration.ofMillis(300));
                RawClient stalled = RawClient.connect(container.base(), 4096)) {
            upstream.script(Scripts.flood(1_000_000, Scripts::padded));
            stalled.post("/chat", "{\"prompt\":\"stall\"}").take(1000);
            Eventually.until(
                    "the stream waits for its client",
                    RawClient.PATIENCE,
                    () -> container.number("sluice_streams_waiting{for=\"client\"}"),
                    waiting -> waiting == 1);
            container.undeploy();
            awaitNoClassLoader(container);
            Eventually.until(
                    "connections to the upstream", RawClient.PATIENCE, upstream::openConnections, open -> open == 0);
            container.deploy();
        }
    }

    @Test
    void stop_withNothingRunning_doesNotWaitForTheDrain() throws IOException {
        try (ScriptedUpstream upstream = ScriptedUpstream.start();
                Container container = start(upstream, Duration.ofSeconds(30))) {
            upstream.script(Scripts.flood(3));
            try (RawClient client = RawClient.chat(container.base(), "short")) {
                assertThat(client.rest().lastWords()).containsExactly("done");
            }
            container.process().terminate();
            container.process().awaitExit(Duration.ofSeconds(25));
        }
    }

    @Test
    void deployStreamUndeploy_timeAndAgain_leavesNothing() throws IOException {
        try (ScriptedUpstream upstream = ScriptedUpstream.start();
                Container container = start(upstream, Duration.ofMillis(300))) {
            // Jetty scans for changes once a second only.
            int rounds = kind == Container.Kind.TOMCAT ? 10 : 3;
            for (int round = 0; round < rounds; round++) {
                if (round > 0) {
                    container.deploy();
                }
                streamOnceAndLeaveOneOpen(upstream, container);
            }
            Eventually.until(
                    "only the container's threads are left",
                    RawClient.PATIENCE,
                    () -> container.threads().stream()
                            .filter(name -> !name.matches(kind.ownThreads()))
                            .toList(),
                    List::isEmpty);
            awaitNoClassLoader(container);
            if (container instanceof TomcatContainer tomcat) {
                assertThat(tomcat.leaks()).as("leaks that Tomcat itself finds").isEmpty();
            }
            assertThat(container.process().log())
                    .as("the server's log")
                    .doesNotContain("memory leak")
                    .doesNotContain("failed to stop");
            assertThat(upstream.openConnections())
                    .as("connections to the upstream")
                    .isZero();
            // So that close() has an application to stop.
            container.deploy();
        }
    }

    private void awaitNoClassLoader(Container container) {
        Eventually.until(
                "no class loader of the application is left",
                RawClient.PATIENCE,
                () -> {
                    container.jmx().collect();
                    return container.jmx().instances(kind.classLoader());
                },
                left -> left == 0);
    }

    /** One stream has ended, and another is open when the application stops. */
    private static void streamOnceAndLeaveOneOpen(ScriptedUpstream upstream, Container container) throws IOException {
        upstream.script(Scripts.flood(50));
        try (RawClient client = RawClient.chat(container.base(), "short")) {
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = RawClient.chat(container.base(), "open")) {
            Exchange exchange = upstream.next().stream().token("begun");
            assertThat(client.nextEvent().data()).isEqualTo("begun");
            container.undeploy();
            assertThat(client.rest().lastWords()).containsExactly("error");
            exchange.awaitClosed(Duration.ofSeconds(5));
        }
    }

    private Container start(ScriptedUpstream upstream, Duration drain) throws IOException {
        return kind.start(Launch.at(upstream.url())
                .with("sluice.drain", drain.toMillis() + "ms")
                .asRedeployable());
    }

    private static Exchange byPrompt(List<Exchange> exchanges, String prompt) {
        return exchanges.stream()
                .filter(exchange -> exchange.prompt().equals(prompt))
                .findFirst()
                .orElseThrow();
    }

    private static void await(CompletableFuture<Void> stopped) {
        try {
            stopped.get(Container.STOP.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException failure) {
            throw new AssertionError("The container did not stop as asked", failure);
        }
    }
}
