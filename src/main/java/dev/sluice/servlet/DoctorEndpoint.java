package dev.sluice.servlet;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.doctor.Examination;
import dev.sluice.doctor.PacedUpstream;
import dev.sluice.relay.Clock;
import jakarta.servlet.http.HttpServletRequest;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * {@code GET /doctor/stream}: a paced stream with the server's clock in every event, by which its reader tells what the
 * proxies in between do to it.
 */
public final class DoctorEndpoint implements Endpoint {
    private static final JsonFactory JSON = new JsonFactory();

    /** At the same time; each costs an open stream and an alarm. */
    private static final int MOST = 100;

    private final Clock clock;
    private final Duration heartbeat;
    private final Semaphore room;

    /**
     * @param heartbeat how often a silence is broken
     * @param room of {@link #room()}
     */
    public DoctorEndpoint(Clock clock, Duration heartbeat, Semaphore room) {
        this.clock = clock;
        this.heartbeat = heartbeat;
        this.room = room;
    }

    /** For all that run at the same time, whoever has made them. */
    public static Semaphore room() {
        return new Semaphore(MOST);
    }

    @Override
    public String name() {
        return "doctor";
    }

    @Override
    public String method() {
        return "GET";
    }

    @Override
    public @Nullable Failure refusal(@Nullable String contentType) {
        return null; // there is no body to be of a type
    }

    @Override
    public Opening read(HttpServletRequest request, byte[] body, int length, Held held) throws InvalidRequestException {
        Examination examination = Examination.of(QueryString.parameters(request.getQueryString()));
        return new Opening(
                new PacedUpstream(examination, hello(request, examination), clock, room),
                new DoctorTranslator(examination.heartbeat()),
                null,
                true);
    }

    private String hello(HttpServletRequest request, Examination examination) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeNumberProperty("version", 1);
            json.writeNumberProperty("events", examination.events());
            json.writeNumberProperty("interval_ms", examination.interval().toMillis());
            json.writeNumberProperty("silence_ms", examination.silence().toMillis());
            json.writeBooleanProperty("heartbeat", examination.heartbeat());
            json.writeNumberProperty("heartbeat_ms", heartbeat.toMillis());
            json.writeStringProperty("protocol", request.getProtocol());
            json.writeBooleanProperty("secure", request.isSecure());
            json.writeObjectPropertyStart("headers");
            ProxyHeaders.of(request).forEach((name, values) -> {
                json.writeArrayPropertyStart(name);
                values.forEach(json::writeString);
                json.writeEndArray();
            });
            json.writeEndObject();
            json.writeEndObject();
        }
        return text.toString();
    }
}
