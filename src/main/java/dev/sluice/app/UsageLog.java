package dev.sluice.app;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.relay.Outcome;
import dev.sluice.relay.StreamSummary;
import dev.sluice.relay.StreamSummary.Answering;
import dev.sluice.servlet.Ledger;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * One line of JSON for each stream that has ended: who asked whom for what, how it ended, what it cost, how long it took.
 * Nothing of what was asked or answered.
 */
final class UsageLog implements Ledger {
    private static final Logger LOG = LoggerFactory.getLogger("dev.sluice.usage");

    private static final JsonFactory JSON = new JsonFactory();

    private static final int LONGEST_NAME = 200;

    private final Executor writer;

    /** @param writer makes and writes the lines: slf4j's way to java.util.logging looks at the stack for each */
    UsageLog(Executor writer) {
        this.writer = writer;
    }

    @Override
    public void enter(Entry entry) {
        if (LOG.isInfoEnabled()) {
            writer.execute(() -> LOG.info(line(entry)));
        }
    }

    static String line(Entry entry) {
        StreamSummary summary = entry.summary();
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("event", "stream_ended");
            json.writeStringProperty("caller", entry.caller().shownName());
            json.writeStringProperty("established_by", entry.caller().basis().label());
            json.writeStringProperty("endpoint", entry.endpoint());
            json.writeStringProperty("model", bounded(entry.model()));
            json.writeBooleanProperty("streamed", entry.streamed());
            Answering answering = summary.answering();
            json.writeStringProperty("upstream", answering == null ? null : answering.upstream());
            json.writeStringProperty("upstream_model", answering == null ? null : bounded(answering.model()));
            json.writeNumberProperty("attempts", answering == null ? 0 : answering.attempts());
            json.writeStringProperty("outcome", summary.outcome().label());
            Failure failure = summary.failure();
            json.writeStringProperty("error", failure == null ? null : failure.code());
            writeTokens(json, entry);
            writeMillis(json, "first_token_ms", summary.firstToken());
            writeMillis(json, "duration_ms", summary.duration());
            writeMillis(json, "paused_ms", summary.paused());
            json.writeNumberProperty("bytes_in", summary.bytesIn());
            json.writeNumberProperty("bytes_out", summary.bytesOut());
            json.writeEndObject();
        }
        return text.toString();
    }

    /** As the provider counted; without its word, the pieces that came are counted, and said to be no more than that. */
    private static void writeTokens(JsonGenerator json, Entry entry) {
        Usage usage = entry.summary().usage();
        json.writeObjectPropertyStart("tokens");
        // Some providers count as they go: what they said last is all only of a whole answer.
        json.writeBooleanProperty("partial", usage == null || entry.summary().outcome() != Outcome.WHOLE);
        if (usage != null) {
            json.writeNumberProperty("prompt", usage.promptTokens());
            json.writeNumberProperty("completion", usage.completionTokens());
            json.writeNumberProperty("reasoning", usage.reasoningTokens());
            json.writeNumberProperty("output", usage.outputTokens());
            json.writeNumberProperty("total", usage.totalTokens());
        } else if (entry.streamed()) {
            json.writeNumberProperty("output", entry.summary().tokens());
        }
        json.writeEndObject();
    }

    private static void writeMillis(JsonGenerator json, String name, @Nullable Duration time) {
        if (time == null) {
            json.writeNullProperty(name);
        } else {
            json.writeNumberProperty(name, time.toMillis());
        }
    }

    /** A client may call a model anything. */
    private static @Nullable String bounded(@Nullable String name) {
        return name == null || name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
    }
}
