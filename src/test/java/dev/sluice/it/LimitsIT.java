package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Limits of plans. Each case has a caller of its own, and so an account that nobody else has used.
 *
 * <p>What a case has spent is read from the headers of its caller's next request, which its upstream refuses, so that it costs
 * nothing. The plan allows one stream at once: the next request is let in only if the one before was settled.
 */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class LimitsIT {
    private static final int CALLERS = 200;
    private static final int FIT = 10;
    private static final int TOKENS_OF_ONE = 10_000;
    private static final int RESERVE = 50;

    private static final String STREAMED = body("test", true);
    private static final String WHOLE = body("test", false);
    private static final ScriptedUpstream.Script REFUSING =
            Scripts.answer(400, "{\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\"}}");

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream other;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    /** Of the cases that have run. */
    private static int callers;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    LimitsIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start(64 * 1024);
        other = ScriptedUpstream.start();
        callers = 0;
        Launch launch = Launch.at(upstream.url())
                .with("sluice.upstreams.other.url", other.url().toString())
                .with("sluice.models.test", "default/test")
                .with("sluice.models.either", "default/test,other/test")
                .with("sluice.retry.budget", "3s")
                // Some containers notice that a client has left when they write to it.
                .with("sluice.heartbeat", "2s")
                .with("sluice.client.stall-timeout", "1s")
                .with("sluice.upstream.idle-timeout", "1m")
                .with("sluice.metrics.open", "true")
                // Of so few tokens, hardly one is regained while a test runs.
                .with("sluice.plans.one.tokens", TOKENS_OF_ONE + "/d")
                .with("sluice.plans.one.requests", "100/d")
                .with("sluice.plans.one.streams", "1")
                .with("sluice.plans.one.reserve", Integer.toString(RESERVE))
                .with("sluice.plans.streams.streams", Integer.toString(FIT))
                .with("sluice.plans.requests.requests", FIT + "/d")
                .with("sluice.plans.tokens.tokens", FIT * (prompt(STREAMED) + RESERVE) + 1 + "/d")
                .with("sluice.plans.tokens.reserve", Integer.toString(RESERVE))
                .with("sluice.plans.slow.requests", "1/s")
                .with("sluice.callers.nobody.key", key("nobody"));
        for (int i = 0; i < 30; i++) {
            launch = with(launch, "one-" + i, "one");
        }
        for (String plan : List.of("streams", "requests", "tokens", "slow")) {
            launch = with(launch, plan, plan);
        }
        container = kind.start(launch);
    }

    private static Launch with(Launch launch, String caller, String plan) {
        return launch.with("sluice.callers." + caller + ".key", key(caller))
                .with("sluice.callers." + caller + ".plan", plan);
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
        other.close();
    }

    // ---- Many at once.

    @ParameterizedTest
    @ValueSource(strings = {"streams", "requests", "tokens"})
    void requests_manyAtOnceAgainstALimitThatFitsTen_areLetInTenTimes(String plan) throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        upstream.script(Scripts.gated(gate, 2));
        List<RawClient> all = new ArrayList<>();
        try {
            ExecutorService threads = Executors.newFixedThreadPool(8);
            try {
                List<Future<RawClient>> asked = new ArrayList<>();
                for (int i = 0; i < CALLERS; i++) {
                    asked.add(threads.submit(() -> ask(plan, STREAMED)));
                }
                for (Future<RawClient> each : asked) {
                    all.add(each.get(60, TimeUnit.SECONDS));
                }
            } finally {
                threads.shutdownNow();
            }
            int letIn = 0;
            for (RawClient client : all) {
                if (client.status() == 200) {
                    letIn++;
                } else {
                    assertThat(client.status()).isEqualTo(429);
                    assertThat(client.body())
                            .contains("rate_limit_exceeded", "Limit " + plan, "plan \\\"" + plan + "\\\"");
                    assertThat(client.head().first("Retry-After").map(Integer::parseInt))
                            .hasValueSatisfying(seconds -> assertThat(seconds).isPositive());
                }
            }
            assertThat(letIn).isEqualTo(FIT);
            gate.countDown();
            for (RawClient client : all) {
                if (client.status() == 200) {
                    assertWhole(client);
                }
            }
        } finally {
            gate.countDown();
            for (RawClient client : all) {
                client.close();
            }
        }
        container.awaitIdle();
    }

    // ---- Every end settles once.

    @Test
    void answer_streamedWhole_costsWhatTheUpstreamCounts() throws IOException {
        upstream.script(exchange -> exchange.stream()
                .token("a")
                .chunk(Completion.finish("stop") + Completion.usage(70, 30) + Completion.DONE)
                .end());
        String caller = caller();
        try (RawClient client = ask(caller, STREAMED)) {
            assertHeaders(client.head(), prompt(STREAMED) + RESERVE, 1);
            assertWhole(client);
        }
        assertSpent(caller, 100);
    }

    @Test
    void answer_whole_costsWhatTheUpstreamCounts_andHasOurHeadersInPlaceOfTheUpstreams() throws IOException {
        upstream.script(Scripts.answer(
                200,
                "{\"object\":\"chat.completion\",\"choices\":[],"
                        + "\"usage\":{\"prompt_tokens\":70,\"completion_tokens\":30,\"total_tokens\":100}}",
                "x-ratelimit-limit-tokens: 7",
                "x-ratelimit-remaining-tokens: 7",
                "x-ratelimit-reset-requests: 7s",
                "x-ratelimit-limit-project-tokens: 7",
                "x-request-id: r"));
        String caller = caller();
        try (RawClient client = ask(caller, WHOLE)) {
            assertThat(client.body()).contains("\"total_tokens\":100");
            assertHeaders(client.head(), prompt(WHOLE) + RESERVE, 1);
            assertThat(client.head().first("x-ratelimit-limit-project-tokens"))
                    .as("a limit that we have not")
                    .contains("7");
            assertThat(client.head().first("x-request-id")).contains("r");
        }
        assertSpent(caller, 100);
    }

    @Test
    void answer_toACallerWithoutAPlan_hasTheUpstreamsHeaders() throws IOException {
        upstream.script(
                Scripts.answer(200, "{\"object\":\"chat.completion\",\"choices\":[]}", "x-ratelimit-limit-tokens: 7"));
        try (RawClient client =
                RawClient.completions(container.base(), WHOLE, "Authorization: Bearer " + key("nobody"))) {
            assertThat(client.body()).contains("choices");
            assertThat(client.head().first("x-ratelimit-limit-tokens")).contains("7");
            assertThat(client.head().first("x-ratelimit-limit-requests")).isEmpty();
        }
    }

    @Test
    void answer_thatTheUpstreamDoesNotCount_costsThePromptsBytesAndThePieces() throws IOException {
        upstream.script(exchange -> exchange.stream().token("a").token("b").finish());
        String caller = caller();
        try (RawClient client = ask(caller, STREAMED)) {
            assertWhole(client);
        }
        assertSpent(caller, prompt(STREAMED) + 2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void client_leaves_costsWhatCame(boolean afterTokens) throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        String caller = caller();
        Exchange exchange;
        try (RawClient client = ask(caller, STREAMED)) {
            exchange = upstream.next();
            if (afterTokens) {
                exchange.stream().token("a").token("b").token("c");
                for (int i = 0; i < 3; i++) {
                    client.nextEvent();
                }
            }
            client.reset();
        }
        exchange.awaitClosed(RawClient.PATIENCE);
        assertSpent(caller, prompt(STREAMED) + (afterTokens ? 3 : 0));
    }

    @Test
    void client_stalls_costsWhatCame() throws IOException {
        upstream.script(exchange -> {
            exchange.stream();
            while (true) {
                exchange.token(Scripts.padded(1));
            }
        });
        String caller = caller();
        Exchange exchange;
        try (RawClient client = RawClient.connect(container.base(), 8 * 1024)
                .post("/v1/chat/completions", STREAMED, "Authorization: Bearer " + key(caller))) {
            client.take(1024);
            exchange = upstream.next();
            exchange.awaitClosed(RawClient.PATIENCE);
        }
        long spent = spent(caller);
        long most = prompt(STREAMED)
                + exchange.sent() / Completion.token(Scripts.padded(1)).length();
        assertThat(spent).isBetween(prompt(STREAMED) + 100L, most);
    }

    @Test
    void upstream_breaksOff_costsWhatCame() throws IOException {
        upstream.script(exchange -> {
            exchange.stream().token("a").token("b");
            exchange.abort();
        });
        String caller = caller();
        try (RawClient client = ask(caller, STREAMED)) {
            client.rest();
        }
        assertSpent(caller, prompt(STREAMED) + 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 429, 500})
    void upstream_refuses_costsNothing_andTheRefusalHasOurHeaders(int status) throws IOException {
        upstream.script(Scripts.answer(
                status, "{\"error\":{\"message\":\"no\"}}", "x-ratelimit-remaining-tokens: 7", "Retry-After: 60"));
        String caller = caller();
        try (RawClient client = ask(caller, STREAMED)) {
            assertThat(client.status()).isEqualTo(status == 500 ? 502 : status);
            assertHeaders(client.head(), prompt(STREAMED) + RESERVE, 1);
        }
        assertSpent(caller, 0);
    }

    @Test
    void upstream_refusesConnections_costsNothing() throws IOException {
        String caller = caller();
        upstream.refuse();
        try (RawClient client = ask(caller, STREAMED)) {
            assertThat(client.status()).isEqualTo(502);
        } finally {
            upstream.acceptAgain();
        }
        assertSpent(caller, 0);
    }

    @Test
    void upstream_reportsAnErrorWithStatus200_costsNothing() throws IOException {
        upstream.script(exchange -> exchange.stream()
                .event("{\"error\":{\"message\":\"overloaded\",\"code\":\"overloaded\"}}")
                .end());
        String caller = caller();
        try (RawClient client = ask(caller, STREAMED)) {
            assertThat(client.status()).isEqualTo(502);
        }
        assertSpent(caller, 0);
    }

    @Test
    void request_thatIsTriedAgain_isReservedAndSettledOnce() throws IOException {
        CountDownLatch first = new CountDownLatch(1);
        upstream.script(exchange -> {
            if (first.getCount() > 0) {
                first.countDown();
                exchange.answer(503, "application/json", "{\"error\":{\"message\":\"busy\"}}");
            } else {
                answer(exchange);
            }
        });
        String caller = caller();
        try (RawClient client = ask(caller, STREAMED)) {
            assertHeaders(client.head(), prompt(STREAMED) + RESERVE, 1);
            assertWhole(client);
        }
        upstream.next();
        upstream.next();
        assertSpent(caller, 100);
    }

    @Test
    void request_thatFallsOver_isReservedAndSettledOnce() throws IOException {
        upstream.script(Scripts.answer(500, "{\"error\":{\"message\":\"broken\"}}"));
        other.script(LimitsIT::answer);
        String caller = caller();
        String body = body("either", true);
        try (RawClient client = ask(caller, body)) {
            assertHeaders(client.head(), prompt(body) + RESERVE, 1);
            assertWhole(client);
        }
        other.next();
        assertSpent(caller, 100);
    }

    /** The endpoint for plain prompts has limits and headers too. */
    @Test
    void prompt_costsWhatTheUpstreamCounts() throws IOException {
        upstream.script(LimitsIT::answer);
        String caller = caller();
        String body = "{\"prompt\":\"Hi\",\"model\":\"test\"}";
        try (RawClient client =
                RawClient.connect(container.base()).post("/chat", body, "Authorization: Bearer " + key(caller))) {
            String sent = "{\"model\":\"test\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"stream\":true,"
                    + "\"max_tokens\":1024}";
            assertHeaders(client.head(), prompt(sent) + RESERVE, 1);
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
        assertSpent(caller, 100);
    }

    @Test
    void request_withoutRoom_isRefusedWithoutTheUpstreamAndSaysWhy() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        String caller = caller();
        try (RawClient running = ask(caller, STREAMED)) {
            Exchange exchange = upstream.next();
            try (RawClient refused = ask(caller, STREAMED)) {
                assertThat(refused.status()).isEqualTo(429);
                assertThat(refused.head().first("Retry-After")).contains("2");
                assertThat(refused.head().first("retry-after-ms")).contains("2000");
                assertHeaders(refused.head(), prompt(STREAMED) + RESERVE, 1);
                assertThat(Json.read(refused.body().getBytes(StandardCharsets.UTF_8))
                                .at("/error/message")
                                .asString())
                        .isEqualTo(
                                "Limit streams at once of plan \"one\" reached: 1, of which 1 are held by running"
                                        + " answers; this request needs 1. It fits when one of them has ended. Try again in 2 s.");
            }
            answer(exchange);
            assertWhole(running);
        }
        assertSpent(caller, 100);
    }

    // ---- Clients.

    @Test
    void sdk_waitsAsLongAsTheRefusalSays_andIsThenLetIn() {
        upstream.script(Scripts.answer(
                200,
                "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"test\",\"choices\":[{\"index\":0,"
                        + "\"finish_reason\":\"stop\",\"logprobs\":null,"
                        + "\"message\":{\"role\":\"assistant\",\"content\":\"Hi\",\"refusal\":null}}]}"));
        askBySdk(key("nobody"), 1); // the SDK takes its time at first
        double refused = container.number("sluice_streams_ended_total{outcome=\"refused\"}");
        long begin = System.nanoTime();
        askBySdk(key("slow"), 3); // one in each second
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(1_900));
        assertThat(container.number("sluice_streams_ended_total{outcome=\"refused\"}") - refused)
                .as("refusals: once for each wait, because it comes when it was told")
                .isBetween(1.0, 2.0);
    }

    private static void askBySdk(String key, int times) {
        OpenAIClient sdk = OpenAIOkHttpClient.builder()
                .baseUrl(container.base().resolve("/v1").toString())
                .apiKey(key)
                .maxRetries(2)
                .timeout(RawClient.PATIENCE)
                .build();
        try {
            ChatCompletionCreateParams asked = ChatCompletionCreateParams.builder()
                    .model("test")
                    .addUserMessage("hi")
                    .build();
            for (int i = 0; i < times; i++) {
                assertThat(sdk.chat().completions().create(asked).choices()).hasSize(1);
            }
        } finally {
            sdk.close();
        }
    }

    // ---- Helpers.

    /** A caller that has not asked yet. */
    private static String caller() {
        return "one-" + callers++;
    }

    private static String key(String caller) {
        return ("key-of-" + caller + "-for-this-test").toLowerCase(Locale.ROOT);
    }

    private static String body(String model, boolean streamed) {
        return "{\"model\":\"" + model + "\",\"stream\":" + streamed
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Tell me of limits.\"}]}";
    }

    /** What a request's prompt is estimated at. */
    private static int prompt(String body) {
        return (body.length() + 3) / 4;
    }

    private static RawClient ask(String caller, String body) throws IOException {
        return RawClient.completions(container.base(), body, "Authorization: Bearer " + key(caller));
    }

    private static void answer(Exchange exchange) throws IOException {
        exchange.stream()
                .token("a")
                .chunk(Completion.finish("stop") + Completion.usage(70, 30) + Completion.DONE)
                .end();
    }

    private static void assertWhole(RawClient client) throws IOException {
        assertThat(client.rest().last().data()).isEqualTo("[DONE]");
    }

    /** What is left in the headers, if so much is spent and held. Two tokens at most are regained meanwhile. */
    private static void assertHeaders(HttpHead head, long used, int requests) {
        assertThat(head.headers().get("x-ratelimit-limit-tokens")).containsExactly(Integer.toString(TOKENS_OF_ONE));
        assertThat(head.headers().get("x-ratelimit-remaining-tokens"))
                .singleElement()
                .satisfies(remaining ->
                        assertThat(TOKENS_OF_ONE - Long.parseLong(remaining)).isBetween(used - 2, used));
        assertThat(head.first("x-ratelimit-reset-tokens"))
                .hasValueSatisfying(reset -> assertThat(reset).matches("(\\d+h)?(\\d+m)?\\d+s"));
        assertThat(head.headers().get("x-ratelimit-limit-requests")).containsExactly("100");
        assertThat(head.headers().get("x-ratelimit-remaining-requests"))
                .containsExactly(Integer.toString(100 - requests));
        assertThat(head.headers().get("x-ratelimit-reset-requests")).hasSize(1);
    }

    private static void assertSpent(String caller, long expected) {
        assertThat(spent(caller)).as("tokens spent").isBetween(Math.max(0, expected - 2), expected);
    }

    /** What a caller has spent whose one stream has ended. */
    private static long spent(String caller) {
        upstream.script(REFUSING);
        HttpHead head = Eventually.until(
                "its stream is settled",
                RawClient.PATIENCE,
                () -> {
                    try (RawClient client = ask(caller, STREAMED)) {
                        return client.head();
                    }
                },
                answer -> answer.status() != 429);
        assertThat(head.status()).isEqualTo(400);
        return TOKENS_OF_ONE
                - Long.parseLong(head.first("x-ratelimit-remaining-tokens").orElseThrow())
                - prompt(STREAMED)
                - RESERVE;
    }
}
