package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The DNS does not answer for one upstream's host name. Streams of other upstreams are not affected. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "It has no FIFOs")
final class HangingLookupIT {
    /** More calls than Sluice has threads. */
    private static final int CALLS = 50;

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(8);

    @Parameter
    @SuppressWarnings("NullAway.Init")
    private Container.Kind kind;

    @Test
    void lookup_thatHangs_delaysNeitherAnotherUpstreamsStreamsNorAClientsLeaving() throws Exception {
        Names names = Names.of("far.test");
        try (ScriptedUpstream near = ScriptedUpstream.start();
                ScriptedUpstream far = ScriptedUpstream.start();
                Container container = kind.start(launch(names, near, far))) {
            int before = sluiceThreads(container).size();
            names.hang();
            List<RawClient> waiting = new ArrayList<>();
            for (int i = 0; i < CALLS; i++) {
                waiting.add(ask(container, "far"));
            }
            Eventually.until(
                    "all calls are under way",
                    RawClient.PATIENCE,
                    () -> container.number("sluice_upstream_exchanges_open{upstream=\"far\"}"),
                    open -> open == CALLS);

            near.script(Scripts.flood(50_000));
            try (RawClient client = ask(container, "near")) {
                assertThat(client.rest().lastWords()).as("a flood").containsExactly("done");
            }
            near.script(Scripts.flood(10_000_000));
            RawClient leaving = ask(container, "near");
            Exchange left = near.next();
            for (int i = 0; i < 50_000; i++) {
                assertThat(leaving.nextEvent().event()).isEqualTo("message");
            }
            Leave.RESET.leave(leaving);
            left.awaitClosed(Duration.ofSeconds(3));
            assertThat(container.number("sluice_upstream_exchanges_open{upstream=\"far\"}"))
                    .as("calls that still wait for the lookup")
                    .isEqualTo(CALLS);
            List<String> threads = sluiceThreads(container);
            assertThat(threads)
                    .filteredOn(name -> name.startsWith("sluice-dns-"))
                    .hasSizeLessThanOrEqualTo(2);
            assertThat(threads)
                    .as("besides the lookup's, those that ran a flood and call a second upstream")
                    .hasSizeLessThanOrEqualTo(before + 12);

            for (RawClient client : waiting) {
                assertThat(client.status()).isEqualTo(504);
                var error = Json.read(client.body()).get("error");
                assertThat(error.get("code").asString()).isEqualTo("connect_timeout");
                assertThat(error.get("message").asString()).contains("host name", "DNS");
                client.close();
            }
            container.awaitIdle();
            names.answer();
            far.script(Scripts.flood(3));
            try (RawClient client = ask(container, "far")) {
                assertThat(client.rest().lastWords())
                        .as("when the DNS answers again")
                        .containsExactly("done");
            }
        }
    }

    @Test
    void undeploy_whileALookupHangs_leavesNothingOnceTheDnsHasAnswered() throws Exception {
        Names names = Names.of("far.test");
        try (ScriptedUpstream near = ScriptedUpstream.start();
                ScriptedUpstream far = ScriptedUpstream.start();
                Container container = kind.start(launch(names, near, far).asRedeployable())) {
            container.jmx(); // attached while names can be looked up
            names.hang();
            try (RawClient waiting = ask(container, "far")) {
                Eventually.until("the lookup hangs", RawClient.PATIENCE, () -> container.threads().stream()
                        .anyMatch(name -> name.equals("sluice-dns-far")));
                container.undeploy();
                assertThat(waiting.status()).isEqualTo(503);
            }
            assertThat(sluiceThreads(container)).containsExactly("sluice-dns-far");
            names.answer();
            Eventually.until(
                    "Sluice's threads have ended", RawClient.PATIENCE, () -> sluiceThreads(container), List::isEmpty);
            Eventually.until(
                    "no class loader of the application is left",
                    RawClient.PATIENCE,
                    () -> {
                        container.jmx().collect();
                        return container.jmx().instances(kind.classLoader());
                    },
                    left -> left == 0);
            container.deploy(); // so that close() can stop it
        }
    }

    private static RawClient ask(Container container, String model) throws IOException {
        return RawClient.connect(container.base()).post("/chat", "{\"prompt\":\"hi\",\"model\":\"" + model + "\"}");
    }

    private static List<String> sluiceThreads(Container container) {
        return container.threads().stream()
                .filter(name -> name.startsWith("sluice-"))
                .toList();
    }

    private static Launch launch(Names names, ScriptedUpstream near, ScriptedUpstream far) {
        return Launch.plain()
                .option(names.option())
                .with("sluice.upstreams.near.url", near.url().toString())
                .with("sluice.upstreams.far.url", "http://far.test:" + far.url().getPort() + "/v1")
                .with("sluice.upstreams.far.connect-timeout", CONNECT_TIMEOUT.toMillis() + "ms")
                .with("sluice.models.near", "near/test")
                .with("sluice.models.far", "far/test")
                .with("sluice.chat.model", "near")
                .with("sluice.drain", "300ms");
    }
}
