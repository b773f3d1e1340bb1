package dev.sluice.servlet;

import static java.util.Objects.requireNonNull;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Relay;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamListener.Opened;
import dev.sluice.relay.StreamListener.Request;
import dev.sluice.relay.Streams;
import dev.sluice.web.AsyncSupport;
import dev.sluice.web.BrokenOffException;
import dev.sluice.web.Container;
import dev.sluice.web.JettyView;
import dev.sluice.web.Lease;
import dev.sluice.web.Pass;
import dev.sluice.web.Problem;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The servlet of one endpoint. Each of its requests becomes a stream. */
public final class StreamServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    private final transient Function<HttpServletRequest, Lease<Handling>> handlings;
    private final transient Streams streams;
    private final transient ClientWatch clients;
    private final transient List<StreamListener.Factory> listeners;
    private final transient JettyView jetty = new JettyView();

    /** Set by {@code init}, before any request. */
    private transient Container container = Container.OTHER;

    /**
     * @param handlings what holds for a request; its stream keeps it until its end
     * @param listeners create the listeners of each stream
     */
    public StreamServlet(
            Function<HttpServletRequest, Lease<Handling>> handlings,
            Streams streams,
            ClientWatch clients,
            List<StreamListener.Factory> listeners) {
        this.handlings = handlings;
        this.streams = streams;
        this.clients = clients;
        this.listeners = List.copyOf(listeners);
    }

    @Override
    public void init() {
        container = Container.of(getServletContext());
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        BrokenOffException.throwIfDue(request);
        Failure notLookedAt = Pass.objection(request, Set.of());
        if (notLookedAt != null) {
            Problem.write(request, response, notLookedAt);
            return;
        }
        String id = RequestIds.give(request, response); // all answers have it, refusals too
        try (Lease<Handling> lease = handlings.apply(request)) {
            Failure refusal = refusal(lease.value(), request, response);
            if (refusal != null) {
                Problem.write(request, response, refusal);
            } else {
                accept(lease, request, response, opened(lease.value(), request, id));
            }
        }
    }

    /** The failure that is known before the body is read; null if there is none. */
    private @Nullable Failure refusal(Handling handling, HttpServletRequest request, HttpServletResponse response) {
        Endpoint endpoint = handling.endpoint();
        BodyLimit bodies = handling.bodies();
        String method = endpoint.method();
        if (!request.getMethod().equals(method)) {
            response.setHeader("Allow", method);
            return Failure.invalid(405, "method_not_allowed", "Only " + method + " is answered here.", null);
        }
        // The header itself: for an unknown charset Jetty's getContentType() throws.
        Failure wrongType = endpoint.refusal(request.getHeader("Content-Type"));
        if (wrongType != null) {
            return wrongType;
        }
        Failure compressed = Compression.refusal(request);
        if (compressed != null) {
            response.setHeader("Accept-Encoding", "identity"); // RFC 9110, section 12.5.3
            return compressed;
        }
        if (request.getContentLengthLong() > bodies.mostWorthReading()) {
            return bodies.tooLarge();
        }
        Failure notAsync = AsyncSupport.objection(request);
        return notAsync != null ? notAsync : streams.refusal();
    }

    private static Opened opened(Handling handling, HttpServletRequest request, String id) {
        Caller caller = requireNonNull(Pass.callerOf(request));
        return new Opened(
                caller,
                handling.admission().planOf(caller),
                handling.endpoint().name(),
                new Request(Instant.now(), id, RequestIds.traceOf(request), Pass.clientOf(request)));
    }

    private void accept(Lease<Handling> lease, HttpServletRequest request, HttpServletResponse response, Opened opened)
            throws IOException {
        Handling handling = lease.value();
        AsyncContext async = request.startAsync();
        // StreamClocks has the timeouts. But Tomcat ends requests without a timeout one second after the application
        // begins to stop, while streams may go on until they are drained. From then on it ignores a dispatch, which
        // aborts a connection. Undertow ends the answer all the same, sometimes twice.
        boolean tomcat = container == Container.TOMCAT;
        boolean undertow = container == Container.UNDERTOW;
        async.setTimeout(tomcat ? Duration.ofDays(365).toMillis() : 0);
        var downstream = new ServletDownstream(
                async,
                request,
                response,
                jetty.isUnbuffered(request, response),
                () -> !undertow && !(tomcat && streams.refusal() != null));
        var accepted = new StreamRequest(handling, opened, request, downstream, clients, jetty.socketOf(request));
        ServletInputStream input = request.getInputStream();
        var body = new RequestBody(input, request.getContentLengthLong(), handling.bodies(), accepted);
        jetty.onReset(request, downstream::left);
        Relay relay = accepted.open(streams, listeners, body, lease.share());
        try {
            downstream.listen(relay::wake);
            input.setReadListener(body);
        } catch (RuntimeException | Error refused) {
            response.setStatus(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
            downstream.left(); // ends the stream, which no other event would end
            throw refused;
        }
    }
}
