package dev.sluice.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Head;
import dev.sluice.relay.Head.Field;
import dev.sluice.relay.Outcome;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamListener.Asked;
import dev.sluice.relay.StreamListener.Attempt;
import dev.sluice.relay.StreamListener.Opened;
import dev.sluice.relay.StreamListener.Request;
import dev.sluice.relay.StreamSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class UsageLogTest {
    private static final Request REQUEST = new Request(
            Instant.parse("2026-11-30T11:59:58.007999999Z"),
            "request-7",
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "2001:db8::9");
    private static final Usage XAI = new Usage(555, 29, 125, 709, "{}");

    private final Logger logger = Logger.getLogger("dev.sluice.usage");
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            logged.add(entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
    }

    @AfterEach
    void listenNoMore() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }

    @Test
    void line_ofAWholeStream_tellsAllThatItCost() {
        JsonNode line = read(entry("grok", true, Outcome.WHOLE, null, XAI, Duration.ofMillis(811)));
        assertThat(line.get("event").asString()).isEqualTo("stream_ended");
        assertThat(line.get("time").asString()).as("that of the end").isEqualTo("2026-11-30T12:00:00.007Z");
        assertThat(line.get("request_id").asString()).isEqualTo("request-7");
        assertThat(line.get("upstream_request_id").asString()).isEqualTo("req_8");
        assertThat(line.get("trace_id").asString()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
        assertThat(line.get("client").asString()).isEqualTo("2001:db8::9");
        assertThat(line.get("plan").asString()).isEqualTo("team");
        assertThat(line.get("caller").asString()).isEqualTo("ada[31m");
        assertThat(line.get("established_by").asString()).isEqualTo("container");
        assertThat(line.get("endpoint").asString()).isEqualTo("chat-completions");
        assertThat(line.get("model").asString()).isEqualTo("grok");
        assertThat(line.get("upstream").asString()).isEqualTo("xai");
        assertThat(line.get("upstream_model").asString()).isEqualTo("grok-4.3");
        assertThat(line.get("attempts").asInt()).isEqualTo(2);
        assertThat(line.get("outcome").asString()).isEqualTo("whole");
        assertThat(line.get("error").isNull()).isTrue();
        assertThat(line.at("/tokens/partial").asBoolean()).isFalse();
        assertThat(line.at("/tokens/prompt").asInt()).isEqualTo(555);
        assertThat(line.at("/tokens/completion").asInt()).isEqualTo(29);
        assertThat(line.at("/tokens/reasoning").asInt()).isEqualTo(125);
        assertThat(line.at("/tokens/output").asInt())
                .as("with what xAI counts apart")
                .isEqualTo(154);
        assertThat(line.at("/tokens/total").asInt()).isEqualTo(709);
        assertThat(line.get("first_token_ms").asInt()).isEqualTo(811);
        assertThat(line.get("duration_ms").asInt()).isEqualTo(2000);
        assertThat(line.get("paused_ms").asInt()).isEqualTo(30);
        assertThat(line.get("bytes_in").asInt()).isEqualTo(1000);
        assertThat(line.get("bytes_out").asInt()).isEqualTo(900);
    }

    /** Programs read this line. The names, their order and their spelling must not change. */
    @Test
    void line_ofAWholeStream_isThisText() {
        assertThat(line(entry("grok", true, Outcome.WHOLE, null, XAI, Duration.ofMillis(811))))
                .isEqualTo("{\"event\":\"stream_ended\",\"time\":\"2026-11-30T12:00:00.007Z\","
                        + "\"request_id\":\"request-7\",\"upstream_request_id\":\"req_8\","
                        + "\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"client\":\"2001:db8::9\","
                        + "\"caller\":\"ada[31m\",\"established_by\":\"container\",\"plan\":\"team\","
                        + "\"endpoint\":\"chat-completions\",\"model\":\"grok\",\"streamed\":true,\"upstream\":\"xai\","
                        + "\"upstream_model\":\"grok-4.3\",\"attempts\":2,\"outcome\":\"whole\",\"error\":null,"
                        + "\"tokens\":{\"partial\":false,\"prompt\":555,\"completion\":29,\"reasoning\":125,"
                        + "\"output\":154,\"total\":709},\"first_token_ms\":811,\"duration_ms\":2000,"
                        + "\"paused_ms\":30,\"bytes_in\":1000,\"bytes_out\":900}");
    }

    @Test
    void line_ofARequestThatWasNeverRead_namesNoModel() throws InterruptedException {
        LogWriter writer = new LogWriter();
        writer.start();
        Entry refused = entry("unknown", true, Outcome.REFUSED, null, null, null);
        new UsageLog(writer).opened(refused.opened).ended(refused.summary);
        writer.stop();
        JsonNode line = JsonMapper.shared().readTree(logged.get(0));
        assertThat(line.get("model").isNull()).isTrue();
        assertThat(line.get("streamed").asBoolean()).isFalse();
        assertThat(line.get("tokens").has("output")).isFalse();
    }

    @Test
    void line_ofAProvidersIdOfAnyLength_isShort() {
        Entry entry = entry("grok", true, Outcome.WHOLE, null, XAI, null);
        Head head = new Head(-1, List.of(new Field("X-Request-ID", "x".repeat(5_000))));
        StreamSummary summary = new StreamSummary(
                Outcome.WHOLE, null, null, true, head, 1, null, null, Duration.ZERO, 1, 1, Duration.ZERO);
        JsonNode line = JsonMapper.shared().readTree(UsageLog.line(entry.opened, entry.asked, summary));
        assertThat(line.get("upstream_request_id").asString()).hasSize(200);
    }

    @Test
    void line_withoutTheProvidersCount_isMarkedAsPartial() {
        Failure lost = Failure.upstream("connection_lost", "The upstream broke off the connection.");
        JsonNode line = read(entry("grok", true, Outcome.BROKEN_OFF, lost, null, null));
        assertThat(line.at("/tokens/partial").asBoolean()).isTrue();
        assertThat(line.at("/tokens/output").asInt()).isEqualTo(17);
        assertThat(line.get("tokens").has("total")).isFalse();
        assertThat(line.get("error").asString()).isEqualTo("connection_lost");
        assertThat(line.get("first_token_ms").isNull()).isTrue();
        JsonNode whole = read(entry("grok", false, Outcome.CLIENT_GONE, null, null, null));
        assertThat(whole.get("tokens").has("output"))
                .as("pieces of one JSON answer are no tokens")
                .isFalse();
    }

    @Test
    void line_ofAnAnswerThatBrokeOff_isPartialHoweverMuchTheProviderCounted() {
        JsonNode line = read(entry("grok", true, Outcome.CLIENT_GONE, null, XAI, null));
        assertThat(line.at("/tokens/partial").asBoolean()).isTrue();
        assertThat(line.at("/tokens/output").asInt()).isEqualTo(154);
    }

    @Test
    void line_whateverAClientCallsAModel_isOneShortLine() {
        String line = line(
                entry("x\n{\"event\":\"forged\"}\u2028" + "y".repeat(5_000), true, Outcome.REFUSED, null, null, null));
        assertThat(line).hasSizeLessThan(1_500).doesNotContain("\n");
        assertThat(JsonMapper.shared().readTree(line).get("event").asString()).isEqualTo("stream_ended");
    }

    @Test
    void line_forWhichMemoryFails_isCountedAndCostsNoneOfThoseThatFollow() throws InterruptedException {
        LogWriter writer = new LogWriter();
        UsageLog log = new UsageLog(writer);
        writer.start();
        writer.execute(() -> {
            throw new OutOfMemoryError("by the test");
        });
        enter(log, entry("next", true, Outcome.WHOLE, null, XAI, null));
        writer.stop();
        assertThat(logged).singleElement().asString().contains("\"next\"");
        assertThat(writer.dropped()).isEqualTo(1);
    }

    @Test
    void stop_afterManyEntries_hasWrittenThemAll() throws InterruptedException {
        LogWriter writer = new LogWriter();
        UsageLog log = new UsageLog(writer);
        writer.start();
        for (int i = 0; i < 1_000; i++) {
            enter(log, entry("m" + i, true, Outcome.WHOLE, null, XAI, null));
        }
        writer.stop();
        assertThat(logged).hasSize(1_000);
        assertThat(logged.get(999)).contains("\"m999\"");
        assertThat(writer.dropped()).isZero();
    }

    @Test
    void enter_whenNobodyWrites_dropsAndCountsInsteadOfWaiting() {
        LogWriter writer = new LogWriter(); // never started
        UsageLog log = new UsageLog(writer);
        for (int i = 0; i < 8_192 + 5; i++) {
            enter(log, entry("m", true, Outcome.WHOLE, null, XAI, null));
        }
        assertThat(writer.dropped()).isEqualTo(5);
    }

    private static Entry entry(
            String model,
            boolean streamed,
            Outcome outcome,
            @Nullable Failure failure,
            @Nullable Usage usage,
            @Nullable Duration firstToken) {
        return new Entry(
                new Opened(
                        new Caller("ada\u001b[31m", Caller.Basis.CONTAINER, Set.of()),
                        "team",
                        "chat-completions",
                        REQUEST),
                new Asked(model, streamed, 100),
                new StreamSummary(
                        outcome,
                        failure,
                        new Attempt("xai", "grok-4.3", 2),
                        true,
                        new Head(-1, List.of(new Field("x-request-id", "req_8"), new Field("retry-after", "1"))),
                        17,
                        usage,
                        firstToken,
                        Duration.ofSeconds(2),
                        1000,
                        900,
                        Duration.ofMillis(30)));
    }

    private static void enter(UsageLog log, Entry entry) {
        StreamListener listener = log.opened(entry.opened);
        listener.asked(entry.asked);
        listener.ended(entry.summary);
    }

    private static String line(Entry entry) {
        return UsageLog.line(entry.opened, entry.asked, entry.summary);
    }

    private static JsonNode read(Entry entry) {
        return JsonMapper.shared().readTree(line(entry));
    }

    private record Entry(Opened opened, Asked asked, StreamSummary summary) {}
}
