package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each token is sent at once, in the documented format. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class StreamingIT {
    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    StreamingIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        container = kind.start(Launch.at(upstream.url()));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    @ParameterizedTest
    @EnumSource(Lockstep.Cut.class)
    void token_arrivesBeforeTheNextIsSent(Lockstep.Cut cut) throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = RawClient.chat(container.base(), "dance")) {
            Lockstep.dance(upstream.next(), client, cut, 20);
        }
    }

    /** A thread of the upstream's client and one of the container serve a stream; many short streams test their interleavings. */
    @Test
    void token_inManyDancesOnKeptConnections_arrivesBeforeTheNextIsSent() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        for (int i = 0; i < 200; i++) {
            try (RawClient client = RawClient.chat(container.base(), "dance")) {
                Lockstep.dance(upstream.next(), client, Lockstep.Cut.INSIDE_CHARACTER, 5);
            }
        }
    }

    @Test
    void answer_headers_areTheContracts() throws IOException {
        upstream.script(Scripts.flood(3));
        try (RawClient client = RawClient.chat(container.base(), "hello")) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.head().first("Content-Type").orElse("").replace(" ", ""))
                    .isEqualToIgnoringCase("text/event-stream;charset=utf-8");
            assertThat(client.head().first("Cache-Control")).contains("no-cache, no-transform");
            assertThat(client.head().first("X-Accel-Buffering")).contains("no");
            assertThat(client.head().headers()).doesNotContainKeys("content-length", "content-encoding");
            Answer answer = client.rest();
            assertThat(answer.text()).isEqualTo("token 0 token 1 token 2 ");
            assertThat(answer.lastWords()).containsExactly("done");
            assertThat(answer.end()).isEqualTo(Answer.End.CLEAN);
            assertThat(client.ids()).as("id lines").isZero();
        }
    }

    @Test
    void token_lineBreaks_becomeLineFeeds() throws IOException {
        upstream.script(exchange -> {
            exchange.stream()
                    .token("a\nb")
                    .token("c\r\nd")
                    .token("\n")
                    .token("e\n\nf")
                    .finish();
        });
        try (RawClient client = RawClient.chat(container.base(), "lines")) {
            assertThat(client.rest().tokens()).containsExactly("a\nb", "c\nd", "\n", "e\n\nf");
        }
    }

    @ParameterizedTest
    @EnumSource(Leave.class)
    void client_leavesWhileTokensFlow_upstreamIsCancelledByTheSecondToken(Leave how) throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        RawClient client = RawClient.chat(container.base(), "leave");
        Exchange exchange = upstream.next().stream().token("heard");
        assertThat(client.nextEvent().data()).isEqualTo("heard");
        how.leave(client);
        // No heartbeat is due soon, so only tokens can detect it. The pause between them makes each a write of its own.
        int tokens = 0;
        while (tokens < how.writes() && !exchange.isClosedWithin(Duration.ofSeconds(tokens == 0 ? 0 : 2))) {
            exchange.token("unheard");
            tokens++;
        }
        exchange.awaitClosed(Duration.ofSeconds(5));
        container.awaitIdle();
    }

    @Test
    void done_carriesFinishReasonAndUsage() throws IOException {
        upstream.script(exchange -> {
            exchange.stream().chunk(Completion.role()).token("a").chunk(Completion.finish("length"));
            exchange.chunk(Completion.usage(5, 7) + Completion.DONE).end();
        });
        try (RawClient client = RawClient.chat(container.base(), "usage")) {
            SseEvent done = client.rest().last();
            assertThat(done.event()).isEqualTo("done");
            assertThat(Json.read(done.data()).get("finish_reason").asString()).isEqualTo("length");
            assertThat(Json.read(done.data()).at("/usage/total_tokens").asInt()).isEqualTo(12);
        }
    }

    @Test
    void request_upstream_isWhatTheClientAskedFor() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        String json = "{\"prompt\":\"why \\\"ü😀\\\"?\",\"system\":\"be brief\",\"max_tokens\":9,\"temperature\":0.5}";
        try (RawClient client = RawClient.connect(container.base()).post("/chat", json)) {
            Exchange exchange = upstream.next();
            assertThat(exchange.head().startLine()).isEqualTo("POST /v1/chat/completions HTTP/1.1");
            assertThat(exchange.head().headers()).doesNotContainKey("authorization");
            assertThat(exchange.json().get("stream").asBoolean()).isTrue();
            assertThat(exchange.json().get("model").asString()).isEqualTo("test");
            assertThat(exchange.json().get("max_tokens").asInt()).isEqualTo(9);
            assertThat(exchange.json().get("temperature").asDouble()).isEqualTo(0.5);
            assertThat(exchange.json().at("/messages/0/role").asString()).isEqualTo("system");
            assertThat(exchange.json().at("/messages/0/content").asString()).isEqualTo("be brief");
            assertThat(exchange.json().at("/messages/1/content").asString()).isEqualTo("why \"ü😀\"?");
            exchange.stream().token("because").finish();
            assertThat(client.rest().text()).isEqualTo("because");
        }
    }

    @ParameterizedTest
    @EnumSource(Reasoning.class)
    void reasoning_isHeardOnlyIfAskedFor(Reasoning wanted) throws IOException {
        upstream.script(exchange -> {
            exchange.stream().chunk(Completion.reasoning("hm")).chunk(Completion.empty());
            exchange.token("yes").finish();
        });
        String json = "{\"prompt\":\"think\",\"reasoning\":" + (wanted == Reasoning.WANTED) + "}";
        try (RawClient client = RawClient.connect(container.base()).post("/chat", json)) {
            Answer answer = client.rest();
            assertThat(answer.text()).isEqualTo("yes");
            if (wanted == Reasoning.WANTED) {
                assertThat(answer.events().get(0)).isEqualTo(new SseEvent("reasoning", "hm", 0));
            } else {
                assertThat(answer.lastWords()).containsExactly("done");
            }
        }
    }

    private enum Reasoning {
        WANTED,
        NOT_WANTED
    }
}
