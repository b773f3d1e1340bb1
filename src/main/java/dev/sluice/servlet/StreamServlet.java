package dev.sluice.servlet;

import static java.util.Objects.requireNonNull;

import dev.sluice.admission.Admission;
import dev.sluice.admission.Admission.Admitted;
import dev.sluice.admission.Admission.Decision;
import dev.sluice.admission.Admission.Pending;
import dev.sluice.admission.Admission.Refused;
import dev.sluice.admission.AdmissionWait;
import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Relay;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamListener.Opened;
import dev.sluice.relay.StreamSummary;
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
import java.nio.channels.SocketChannel;
import java.time.Duration;
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
        try (Lease<Handling> lease = handlings.apply(request)) {
            Failure refusal = refusal(lease.value(), request, response);
            if (refusal != null) {
                Problem.write(request, response, refusal);
            } else {
                accept(lease, request, response, requireNonNull(Pass.callerOf(request)));
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

    private void accept(Lease<Handling> lease, HttpServletRequest request, HttpServletResponse response, Caller caller)
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
        var arrival = new Arrival(handling, caller, request, downstream, jetty.socketOf(request));
        ServletInputStream input = request.getInputStream();
        var body = new RequestBody(input, request.getContentLengthLong(), handling.bodies(), arrival);
        arrival.body = body;
        jetty.onReset(request, downstream::left);
        Relay relay = open(lease.share(), arrival);
        arrival.relay = relay;
        try {
            downstream.listen(relay::wake);
            input.setReadListener(body);
        } catch (RuntimeException | Error refused) {
            response.setStatus(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
            downstream.left(); // ends the stream, which no other event would end
            throw refused;
        }
    }

    /** @param lease closed when the stream has ended, or at once if no stream begins */
    private Relay open(Lease<Handling> lease, Arrival arrival) {
        arrival.lease = lease;
        try {
            return streams.open(lease.value().limits(), arrival.downstream, arrival.opened, arrival, listeners);
        } catch (RuntimeException | Error fault) {
            lease.close();
            throw fault;
        }
    }

    /** One request, from its body to the end of its stream. */
    private final class Arrival implements RequestBody.Receiver, StreamListener {
        private final Endpoint endpoint;
        private final Admission admission;
        private final Opened opened;
        private final HttpServletRequest request;
        private final ServletDownstream downstream;
        private final @Nullable SocketChannel socket;
        private @Nullable RequestBody body; // this and the lease are set before another thread can use this object
        private @Nullable Lease<Handling> lease;
        private @Nullable Relay relay; // set before the container tells of the body

        /** Set by the container's thread that has read the end of the body. */
        private volatile ClientWatch.@Nullable Watched watched;

        /** Set by the thread that has ended the stream. */
        private volatile boolean over;

        Arrival(
                Handling handling,
                Caller caller,
                HttpServletRequest request,
                ServletDownstream downstream,
                @Nullable SocketChannel socket) {
            this.endpoint = handling.endpoint();
            this.admission = handling.admission();
            this.opened = new Opened(caller, endpoint.name());
            this.request = request;
            this.downstream = downstream;
            this.socket = socket;
        }

        @Override
        public void received(byte[] bytes, int length) {
            stream().received();
            try {
                Endpoint.Opening said = read(bytes, length);
                if (said != null) {
                    Asked asked = new Asked(said.model(), said.streamed(), length);
                    stream().asked(asked);
                    watch();
                    admit(said, AdmissionWait.ask(admission, opened, asked));
                }
            } catch (OutOfMemoryError none) {
                refuse(Failure.noMemory());
            }
        }

        /** Null if it was refused. */
        private Endpoint.@Nullable Opening read(byte[] bytes, int length) {
            try {
                return endpoint.read(request, bytes, length, requireNonNull(body));
            } catch (InvalidRequestException fault) {
                refuse(fault.failure());
            } catch (RuntimeException unreadable) { // thrown by the container for parameters that it cannot decode
                refuse(Failure.invalid(400, "malformed_request", "The request cannot be read.", null));
            }
            return null;
        }

        private void admit(Endpoint.Opening said, Admission.Reply reply) {
            if (reply instanceof Decision decision) {
                decided(said, decision);
            } else if (reply instanceof Pending pending) {
                AdmissionWait.begin(stream(), pending, decision -> decided(said, decision));
            }
        }

        /** By any thread; the stream may have ended. */
        private void decided(Endpoint.Opening said, Decision decision) {
            try {
                carryOut(said, decision);
            } catch (OutOfMemoryError none) {
                refuse(Failure.noMemory());
            }
        }

        private void carryOut(Endpoint.Opening said, Decision decision) {
            downstream.alsoSends(decision.fields());
            if (decision instanceof Refused no) {
                refuse(no.failure());
            } else if (decision instanceof Admitted yes) {
                if (yes.listener() != null) {
                    stream().join(yes.listener());
                }
                stream().passOn(said.upstream(), said.translator());
            }
        }

        @Override
        public void refused(Failure failure) {
            stream().refuse(failure);
        }

        @Override
        public void faulty(Failure failure) {
            stream().refuseAtLatest(failure);
        }

        @Override
        public void refusedWhileItComes(Failure failure) {
            downstream.closeAfterRefusal();
            stream().refuseEarly(failure);
        }

        @Override
        public void drained() {
            stream().requestOver();
        }

        @Override
        public void clientGone() {
            downstream.left();
        }

        /** Releases the body, which a refusal does not need, however slowly the client reads it. */
        private void refuse(Failure failure) {
            requireNonNull(body).letGo();
            stream().refuse(failure);
        }

        /** Watches the client. Not before the end of the body, because the container reads the socket until then. */
        private void watch() {
            if (socket != null) {
                watched = clients.watch(socket, downstream::left);
                if (over) {
                    watchNoMore(); // the stream has ended in the meantime, before the watch was set
                }
            }
        }

        private void watchNoMore() {
            ClientWatch.Watched client = watched;
            if (client != null) {
                client.stop();
            }
        }

        @Override
        public void ended(StreamSummary summary) {
            try {
                requireNonNull(body).letGo();
                over = true;
                watchNoMore();
            } finally {
                requireNonNull(lease).close();
            }
        }

        private Relay stream() {
            return requireNonNull(relay);
        }
    }
}
