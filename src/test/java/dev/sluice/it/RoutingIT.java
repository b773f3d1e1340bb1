package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Routing by the model's name, retries at the same upstream, and fall-backs to the next one. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class RoutingIT {
    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream one;

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream two;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    RoutingIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        one = ScriptedUpstream.start();
        two = ScriptedUpstream.start();
        container = kind.start(Launch.plain()
                .with("sluice.upstreams.one.url", one.url().toString())
                .with("sluice.upstreams.one.key", "key-one")
                .with("sluice.upstreams.two.url", two.url().toString())
                .with("sluice.upstreams.two.key", "key-two")
                .with("sluice.upstreams.two.include-usage", "false")
                .with("sluice.upstreams.two.defaults", "{\"max_tokens\":77,\"seed\":1}")
                .with("sluice.models.fast", "one/grok-fast")
                .with("sluice.models.smart", "one/grok/4.3,two/gpt-5")
                .with("sluice.models.second", "two/gpt-5")
                .with("sluice.upstreams.narrow.url", one.url().toString())
                .with("sluice.upstreams.narrow.max-streams", "1")
                .with("sluice.models.either", "narrow/gone,narrow/here")
                .with("sluice.models.only", "narrow/here")
                .with("sluice.retry.budget", "3s")
                .with("sluice.chat.model", "smart")
                .with("sluice.heartbeat", "300ms"));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        String log = container.process().log();
        container.close();
        one.close();
        two.close();
        assertThat(log).as("the log").doesNotContain("key-one", "key-two");
    }

    // ---- Names.

    @Test
    void alias_isAskedForByItsOwnNameWithItsOwnKey() throws IOException {
        one.script(Scripts.flood(3));
        assertThat(tokens(asked("fast"))).isEqualTo(3);
        Exchange exchange = one.next();
        assertThat(exchange.json().get("model").asString()).isEqualTo("grok-fast");
        assertThat(exchange.head().first("Authorization")).hasValue("Bearer key-one");
        assertThat(exchange.json().at("/stream_options/include_usage").asBoolean())
                .isTrue();

        two.script(Scripts.flood(3));
        assertThat(tokens(asked("second").replace("}", ",\"seed\":9}"))).isEqualTo(3);
        exchange = two.next();
        assertThat(exchange.json().get("model").asString()).isEqualTo("gpt-5");
        assertThat(exchange.head().first("Authorization")).hasValue("Bearer key-two");
        assertThat(exchange.json().has("stream_options")).isFalse();
        assertThat(exchange.json().get("max_tokens").asInt()).as("a default").isEqualTo(77);
        assertThat(exchange.json().get("seed").asInt()).as("the client's own").isEqualTo(9);
    }

    @Test
    void chat_isRoutedAlike() throws IOException {
        one.script(Scripts.flood(3));
        try (RawClient client = RawClient.chat(container.base(), "hi")) {
            assertThat(client.rest().tokens()).hasSize(3);
        }
        assertThat(one.next().json().get("model").asString()).isEqualTo("grok/4.3");
    }

    @Test
    void chat_atAnUpstreamThatRefusesIt_doesNotAskForUsage() throws IOException {
        two.script(Scripts.flood(3));
        try (RawClient client =
                RawClient.connect(container.base()).post("/chat", "{\"prompt\":\"hi\",\"model\":\"second\"}")) {
            assertThat(client.rest().tokens()).hasSize(3);
        }
        assertThat(two.next().json().has("stream_options")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/chat", "/v1/chat/completions"})
    void model_unknown_is404ThatListsTheKnown(String path) throws IOException {
        String body = path.equals("/chat") ? "{\"prompt\":\"hi\",\"model\":\"grok-9\"}" : asked("grok-9");
        try (RawClient client = RawClient.connect(container.base()).post(path, body)) {
            assertThat(client.status()).isEqualTo(404);
            JsonNode error = Json.read(client.body()).get("error");
            assertThat(error.get("code").asString()).isEqualTo("model_not_found");
            assertThat(error.get("param").asString()).isEqualTo("model");
            assertThat(error.get("message").asString()).contains("grok-9", "either, fast, only, second, smart");
        }
    }

    // ---- Once more.

    @Test
    void upstream_thatFailsTwiceAndThenAnswers_givesOneAnswer() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        one.script(exchange -> {
            if (asked.incrementAndGet() <= 2) {
                exchange.answer(503, "application/json", "{\"error\":{\"message\":\"busy\"}}");
            } else {
                Scripts.flood(50).answer(exchange);
            }
        });
        UsageLines lines = UsageLines.after(container);
        assertThat(tokens(asked("fast"))).isEqualTo(50);
        assertThat(asked).hasValue(3);
        assertThat(lines.first().get("attempts").asInt()).isEqualTo(3);
        container.awaitIdle();
    }

    @Test
    void upstream_thatFailsAfterThreeTokens_isNotAskedAgain() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        one.script(exchange -> {
            asked.incrementAndGet();
            exchange.stream().token("0").token("1").token("2").abort();
        });
        for (String model : List.of("fast", "smart")) {
            asked.set(0);
            try (RawClient client = RawClient.completions(container.base(), asked(model), "Idempotency-Key: k")) {
                Answer answer = client.rest();
                assertThat(answer.events()).hasSize(4);
                assertThat(answer.last().data()).startsWith("{\"error\":");
                assertThat(answer.end()).isEqualTo(Answer.End.BROKEN);
            }
            assertThat(asked).as(model).hasValue(1);
        }
    }

    @Test
    void retryAfter_withinTheBudget_isWaitedForWhileTheClientHearsOfIt() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        one.script(exchange -> {
            if (asked.incrementAndGet() == 1) {
                exchange.answer(429, "application/json", "{}", "Retry-After: 1");
            } else {
                Scripts.flood(2).answer(exchange);
            }
        });
        long begun = System.nanoTime();
        try (RawClient client = RawClient.completions(container.base(), asked("fast"))) {
            client.awaitComments(2);
            client.rest();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofSeconds(1));
        assertThat(asked).hasValue(2);
    }

    @Test
    void retryAfter_beyondTheBudget_isToldAtOnce() throws IOException {
        one.script(Scripts.answer(429, "{}", "Retry-After: 60"));
        try (RawClient client = RawClient.completions(container.base(), asked("fast"))) {
            assertThat(client.status()).isEqualTo(429);
            assertThat(client.head().first("Retry-After")).hasValue("60");
        }
    }

    @Test
    void request_lostAfterItWasSent_isSentAgainOnlyIfThatIsSafe() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        one.script(exchange -> {
            if (asked.incrementAndGet() == 1) {
                exchange.abort();
            } else {
                Scripts.flood(2).answer(exchange);
            }
        });
        // On new connections: a pooled connection that is found closed is another case.
        one.dropConnections();
        try (RawClient client = RawClient.completions(container.base(), asked("smart"))) {
            assertThat(client.status()).isEqualTo(502);
        }
        assertThat(asked).hasValue(1);
        asked.set(0);
        one.dropConnections();
        try (RawClient client = RawClient.completions(container.base(), asked("fast"), "Idempotency-Key: k")) {
            assertThat(client.rest().end()).isEqualTo(Answer.End.CLEAN);
        }
        assertThat(asked).hasValue(2);
    }

    @Test
    void upstream_thatComesUpAMomentLater_answers() throws IOException {
        one.script(Scripts.flood(2));
        one.refuse();
        try (RawClient client = RawClient.completions(container.base(), asked("fast"))) {
            client.awaitComments(1);
            one.acceptAgain();
            assertThat(client.rest().end()).isEqualTo(Answer.End.CLEAN);
        }
    }

    @Test
    void client_thatLeavesBetweenAttempts_endsThem() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        one.script(exchange -> {
            asked.incrementAndGet();
            exchange.answer(503, "application/json", "{}", "Retry-After: 2");
        });
        try (RawClient client = RawClient.completions(container.base(), asked("fast"))) {
            client.awaitComments(1);
            client.reset();
        }
        container.awaitIdle(); // an alarm for the next attempt would be counted
        assertThat(asked).hasValue(1);
    }

    // ---- Elsewhere.

    @ParameterizedTest
    @ValueSource(ints = {500, 401, 404})
    void upstream_thatCannot_isFollowedByTheNext(int status) throws IOException {
        one.script(Scripts.answer(status, "{\"error\":{\"message\":\"no\"}}"));
        two.script(Scripts.flood(5));
        UsageLines lines = UsageLines.after(container);
        assertThat(tokens(asked("smart"))).isEqualTo(5);
        assertThat(two.next().json().get("model").asString()).isEqualTo("gpt-5");
        JsonNode line = lines.first();
        assertThat(line.get("model").asString()).isEqualTo("smart");
        assertThat(line.get("upstream").asString()).isEqualTo("two");
        assertThat(line.get("upstream_model").asString()).isEqualTo("gpt-5");
        assertThat(line.get("attempts").asInt()).isEqualTo(status == 500 ? 4 : 2);
    }

    @Test
    void upstream_thatIsDown_isFollowedByTheNext() throws IOException {
        two.script(Scripts.flood(5));
        one.refuse();
        try {
            assertThat(tokens(asked("smart"))).isEqualTo(5);
        } finally {
            one.acceptAgain();
        }
    }

    @Test
    void upstream_thatFailsLate_isFollowedByTheNextAllTheSame() throws IOException {
        one.script(exchange -> {
            exchange.closed()
                    .completeOnTimeout(null, 3500, TimeUnit.MILLISECONDS)
                    .join(); // beyond the budget
            exchange.answer(503, "application/json", "{}");
        });
        two.script(Scripts.flood(5));
        assertThat(tokens(asked("smart"))).isEqualTo(5);
    }

    @Test
    void upstream_withRoomForOneStream_isAskedForTheNextModelInTheSamePlace() throws IOException {
        one.script(exchange -> {
            if (exchange.json().get("model").asString().equals("gone")) {
                exchange.answer(404, "application/json", "{}");
            } else {
                Scripts.flood(5).answer(exchange);
            }
        });
        for (int i = 0; i < 5; i++) {
            assertThat(tokens(asked("either"))).isEqualTo(5);
        }
        container.awaitIdle(); // no permit is left behind
    }

    @Test
    void upstream_withRoomForOneStream_hasRoomAgainOnceAnAnswerIsWhole() throws IOException {
        one.script(exchange -> {
            exchange.stream().token("token 0").event("[DONE]");
            exchange.closed().join(); // the response goes on: its end is not sent
        });
        for (int i = 0; i < 3; i++) {
            assertThat(tokens(asked("only"))).as("answer " + i).isEqualTo(1);
        }
    }

    @Test
    void request_thatIsWrong_isNobodyElsesBusiness() throws IOException {
        one.script(Scripts.answer(400, "{\"error\":{\"message\":\"bad\"}}"));
        two.script(exchange -> {
            throw new AssertionError("was asked");
        });
        try (RawClient client = RawClient.completions(container.base(), asked("smart"))) {
            assertThat(client.status()).isEqualTo(400);
        }
    }

    @Test
    void answer_notStreamed_isSoughtElsewhereToo() throws IOException {
        one.script(Scripts.answer(404, "{}"));
        two.script(Scripts.answer(200, "{\"id\":\"x\",\"choices\":[]}"));
        try (RawClient client = RawClient.completions(container.base(), "{\"model\":\"smart\"}")) {
            assertThat(client.body()).isEqualTo("{\"id\":\"x\",\"choices\":[]}");
        }
        assertThat(two.next().body()).contains("\"gpt-5\"").doesNotContain("stream_options");
    }

    private static String asked(String model) {
        return "{\"model\":\"" + model + "\",\"stream\":true}";
    }

    /** Sends a request and counts the tokens of its complete answer. */
    private static long tokens(String body) throws IOException {
        try (RawClient client = RawClient.completions(container.base(), body)) {
            Answer answer = client.rest();
            assertThat(answer.end()).isEqualTo(Answer.End.CLEAN);
            assertThat(answer.last().data()).isEqualTo("[DONE]");
            return answer.events().stream()
                    .filter(event -> event.data().contains("\"content\":\"token "))
                    .count();
        }
    }
}
