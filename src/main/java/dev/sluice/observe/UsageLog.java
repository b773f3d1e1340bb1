package dev.sluice.observe;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.relay.Head;
import dev.sluice.relay.Outcome;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamListener.Asked;
import dev.sluice.relay.StreamListener.Attempt;
import dev.sluice.relay.StreamListener.Opened;
import dev.sluice.relay.StreamSummary;
import java.io.StringWriter;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Logs one line of JSON for each stream that has ended: the request's ids, the caller, the upstream, the model, the outcome, the
 * usage and the times. It contains nothing of the prompt or the answer.
 */
public final class UsageLog implements StreamListener.Factory {
    private static final Logger LOG = LoggerFactory.getLogger("dev.sluice.usage");

    private static final JsonFactory JSON = new JsonFactory();

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final int LONGEST_NAME = 200;

    /** Stands for the request that was refused before its body was parsed. */
    private static final Asked UNKNOWN = new Asked(null, false, 0);

    private final Executor writer;

    /** @param writer creates and writes the lines, because slf4j's binding to java.util.logging walks the stack for each */
    public UsageLog(Executor writer) {
        this.writer = writer;
    }

    @Override
    public StreamListener opened(Opened stream) {
        return new Line(stream);
    }

    static String line(Opened opened, Asked asked, StreamSummary summary) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("event", "stream_ended");
            json.writeStringProperty("time", endOf(opened, summary));
            json.writeStringProperty("request_id", opened.request().id());
            json.writeStringProperty("upstream_request_id", upstreamsId(summary));
            json.writeStringProperty("trace_id", opened.request().traceId());
            json.writeStringProperty("client", opened.request().client());
            json.writeStringProperty("caller", opened.caller().shownName());
            json.writeStringProperty("established_by", opened.caller().basis().label());
            json.writeStringProperty("plan", opened.plan());
            json.writeStringProperty("endpoint", opened.endpoint());
            json.writeStringProperty("model", bounded(asked.model()));
            json.writeBooleanProperty("streamed", asked.streamed());
            Attempt last = summary.lastAttempt();
            json.writeStringProperty("upstream", last == null ? null : last.upstream());
            json.writeStringProperty("upstream_model", last == null ? null : bounded(last.model()));
            json.writeNumberProperty("attempts", last == null ? 0 : last.number());
            json.writeStringProperty("outcome", summary.outcome().label());
            Failure failure = summary.failure();
            json.writeStringProperty("error", failure == null ? null : failure.code());
            writeTokens(json, asked, summary);
            writeMillis(json, "first_token_ms", summary.firstToken());
            writeMillis(json, "duration_ms", summary.duration());
            writeMillis(json, "paused_ms", summary.paused());
            json.writeNumberProperty("bytes_in", summary.bytesIn());
            json.writeNumberProperty("bytes_out", summary.bytesOut());
            json.writeEndObject();
        }
        return text.toString();
    }

    /** In UTC, with milliseconds: {@code 2026-11-30T12:00:00.000Z}. */
    private static String endOf(Opened opened, StreamSummary summary) {
        return TIME.format(opened.request().time().plus(summary.duration()));
    }

    /** The id that the provider has given the request; null for none. */
    private static @Nullable String upstreamsId(StreamSummary summary) {
        for (Head.Field field : summary.head().fields()) {
            if (field.name().equalsIgnoreCase("x-request-id")) {
                return bounded(field.value());
            }
        }
        return null;
    }

    /** The provider's count of tokens; without one, the number of pieces, marked as such. */
    private static void writeTokens(JsonGenerator json, Asked asked, StreamSummary summary) {
        Usage usage = summary.usage();
        json.writeObjectPropertyStart("tokens");
        // Some providers send a running count, which is final only if the answer is complete.
        json.writeBooleanProperty("partial", usage == null || summary.outcome() != Outcome.WHOLE);
        if (usage != null) {
            json.writeNumberProperty("prompt", usage.promptTokens());
            json.writeNumberProperty("completion", usage.completionTokens());
            json.writeNumberProperty("reasoning", usage.reasoningTokens());
            json.writeNumberProperty("output", usage.outputTokens());
            json.writeNumberProperty("total", usage.totalTokens());
        } else if (asked.streamed()) {
            json.writeNumberProperty("output", summary.tokens());
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

    /** Shortens the name of a model or an id, because a client and a provider may send any text. */
    private static @Nullable String bounded(@Nullable String name) {
        return name == null || name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
    }

    /** The data of one stream. Guarded by the thread that runs it. */
    private final class Line implements StreamListener {
        private final Opened opened;
        private Asked asked = UNKNOWN;

        Line(Opened opened) {
            this.opened = opened;
        }

        @Override
        public void asked(Asked asked) {
            this.asked = asked;
        }

        @Override
        public void ended(StreamSummary summary) {
            if (LOG.isInfoEnabled()) {
                Asked what = asked;
                writer.execute(() -> LOG.info(line(opened, what, summary)));
            }
        }
    }
}
