package dev.sluice.web;

import static java.util.Objects.requireNonNull;

import dev.sluice.chat.ChatRequest;
import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.relay.Relay;
import dev.sluice.relay.Streams;
import dev.sluice.relay.Upstream;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code POST /chat}: one prompt in, its answer out as Server-Sent Events. */
public final class ChatServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    private final transient Streams streams;
    private final transient BodyBudget bodies;
    private final transient ChatCalls calls;

    public ChatServlet(Streams streams, BodyBudget bodies, ChatCalls calls) {
        this.streams = streams;
        this.bodies = bodies;
        this.calls = calls;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getDispatcherType() == DispatcherType.ASYNC) {
            throw new BrokenOffException(); // the one reason why we dispatch
        }
        // The header itself: for an unknown charset Jetty's getContentType() throws.
        BodyType type = BodyType.of(request.getHeader("Content-Type"));
        Failure refusal = refusal(request, response, type);
        if (refusal != null) {
            Problem.write(request, response, refusal);
        } else if (type != null) {
            accept(request, response, type);
        }
    }

    /** What can be said without reading the body. */
    private @Nullable Failure refusal(
            HttpServletRequest request, HttpServletResponse response, @Nullable BodyType type) {
        if (!request.getMethod().equals("POST")) {
            response.setHeader("Allow", "POST");
            return Failure.invalid(405, "method_not_allowed", "Only POST is answered here.", null);
        }
        if (type == null) {
            return Failure.invalid(
                    415,
                    "unsupported_media_type",
                    "The Content-Type must be application/json, application/x-www-form-urlencoded or text/plain, in a"
                            + " charset that is known here.",
                    null);
        }
        if (request.getContentLengthLong() > RequestBody.mostWorthReading(bodies)) {
            return bodies.tooLarge();
        }
        return streams.refusal();
    }

    private void accept(HttpServletRequest request, HttpServletResponse response, BodyType type) throws IOException {
        AsyncContext async = request.startAsync();
        // Our clocks rule. Tomcat, though, takes a request without a timeout for one that ends a second after its
        // application begins to stop; ours may go on until it is drained. A dispatch, by which we break an answer off,
        // it loses from then on.
        boolean tomcat = async.getClass().getName().startsWith("org.apache.catalina.");
        async.setTimeout(tomcat ? Duration.ofDays(365).toMillis() : 0);
        calls.mark(response);
        var downstream = new ServletDownstream(async, request, response, () -> !(tomcat && streams.refusal() != null));
        var translator = new ChatTranslator(calls.newReader());
        var arrival = new Arrival(request, type, downstream, translator);
        ServletInputStream input = request.getInputStream();
        var body = new RequestBody(input, bodies, arrival);
        Relay relay = streams.open(downstream, translator, body::close);
        arrival.relay = relay;
        downstream.listen(relay::wake);
        input.setReadListener(body);
    }

    /** From the request's body to its stream. Called by the container's threads, once. */
    private final class Arrival implements RequestBody.Receiver {
        private final HttpServletRequest request;
        private final BodyType type;
        private final ServletDownstream downstream;
        private final ChatTranslator translator;
        private @Nullable Relay relay; // set before anybody else knows this

        Arrival(HttpServletRequest request, BodyType type, ServletDownstream downstream, ChatTranslator translator) {
            this.request = request;
            this.type = type;
            this.downstream = downstream;
            this.translator = translator;
        }

        @Override
        public void received(byte[] body) {
            Upstream call;
            try {
                ChatRequest chat = read(body);
                if (chat.reasoning()) {
                    translator.passReasoning();
                }
                call = calls.call(chat);
            } catch (InvalidRequestException fault) {
                stream().refuse(fault.failure());
                return;
            } catch (RuntimeException unreadable) { // the container's own, of parameters that it cannot decode
                stream().refuse(Failure.invalid(400, "malformed_request", "The request cannot be read.", null));
                return;
            }
            stream().open(call);
        }

        @Override
        public void refused(Failure failure) {
            stream().refuse(failure);
        }

        @Override
        public void clientGone() {
            downstream.left();
        }

        private ChatRequest read(byte[] body) throws InvalidRequestException {
            return switch (type.format()) {
                case JSON -> ChatRequestReader.json(body);
                case TEXT -> ChatRequestReader.text(body, type.charset());
                // A host's filter may have read the body before us.
                case FORM ->
                    body.length == 0
                            ? ChatRequestReader.parameters(request::getParameter)
                            : ChatRequestReader.form(body, type.charset());
            };
        }

        private Relay stream() {
            return requireNonNull(relay);
        }
    }
}
