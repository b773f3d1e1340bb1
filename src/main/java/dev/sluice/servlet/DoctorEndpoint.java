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
 * {@code GET /doctor/stream}: a stream with a constant rate and the server's time in every event, by which its reader detects
 * proxies that buffer it.
 */
public final class DoctorEndpoint implements Endpoint {
    private static final JsonFactory JSON = new JsonFactory();

    /** The most tests at the same time. Each needs an open stream and an alarm. */
    private static final int MOST = 100;

    private final Clock clock;
    private final Duration heartbeat;
    private final Semaphore room;

    /**
     * @param heartbeat the interval of heartbeats
     * @param room the permits of {@link #room()}
     */
    public DoctorEndpoint(Clock clock, Duration heartbeat, Semaphore room) {
        this.clock = clock;
        this.heartbeat = heartbeat;
        this.room = room;
    }

    /** The permits for all tests that run at the same time, over all instances of this class. */
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
        return null; // there is no body
    }

    @Override
    public Opening read(HttpServletRequest request, byte[] body, int length, Allowance allowed, Held held)
            throws InvalidRequestException {
        Examination examination = Examination.of(QueryString.parameters(request.getQueryString()));
        return new Opening(
                new PacedUpstream(examination, hello(request, examination), clock, room),
                new DoctorTranslator(examination.heartbeat()),
                null,
                true,
                null);
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
