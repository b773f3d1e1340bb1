package dev.sluice.simulator;

import dev.sluice.simulator.Question.Unreadable;
import dev.sluice.simulator.Script.Canned;
import dev.sluice.simulator.Script.Silent;
import dev.sluice.simulator.Script.Spoken;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/** Serves {@code POST …/chat/completions} and {@code GET …/models}, whatever comes before. Never blocks. */
final class Completions extends Handler.Abstract.NonBlocking {
    /** The longest body, in bytes. */
    private static final int LONGEST_BODY = 16 * 1024 * 1024;

    private final Pacer pacer;
    private final Traffic traffic;
    private final AtomicLong ids = new AtomicLong();

    Completions(Pacer pacer, Traffic traffic) {
        this.pacer = pacer;
        this.traffic = traffic;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Exchange exchange = new Exchange(request, response, callback, traffic);
        String path = Request.getPathInContext(request);
        if (path.endsWith("/chat/completions")) {
            if (allowed("POST", request, exchange)) {
                read(request, exchange);
            }
        } else if (path.endsWith("/models")) {
            if (allowed("GET", request, exchange)) {
                exchange.reply(new Reply(200, Map.of(), Dialect.models(Model.ids())));
            }
        } else {
            exchange.reply(invalid(404, "unknown_url", null, "There is no such path: ask /chat/completions."));
        }
        return true;
    }

    private static boolean allowed(String method, Request request, Exchange exchange) {
        if (request.getMethod().equals(method)) {
            return true;
        }
        exchange.reply(invalid(405, "method_not_allowed", null, "The method must be " + method + ".")
                .with("Allow", method));
        return false;
    }

    private void read(Request request, Exchange exchange) {
        Content.Source.asByteArrayAsync(request, LONGEST_BODY, new Promise.Invocable.NonBlocking<>() {
            @Override
            public void succeeded(byte[] body) {
                try {
                    answer(Question.read(body), exchange);
                } catch (Unreadable x) {
                    exchange.reply(invalid(400, "invalid_body", x.param, x.message()));
                } catch (RuntimeException x) {
                    exchange.breakOff(x); // The clock has been stopped before the simulator.
                }
            }

            @Override
            public void failed(Throwable x) {
                // Jetty's word for too much content; anything else is a client that left or broke HTTP.
                if (x instanceof IllegalStateException) {
                    exchange.reply(invalid(413, "too_large", null, "The body is longer than 16 MiB."));
                } else {
                    exchange.breakOff(x);
                }
            }
        });
    }

    private void answer(Question question, Exchange exchange) {
        Optional<Model> model = Model.named(question.model());
        if (model.isEmpty()) {
            exchange.reply(invalid(
                    404,
                    "model_not_found",
                    "model",
                    "The simulator has no such model. It has " + String.join(", ", Model.ids()) + "."));
            return;
        }
        Script script = model.get().script();
        if (script instanceof Canned canned) {
            exchange.reply(canned.reply());
        } else if (script instanceof Silent) {
            exchange.whenOver(() -> exchange.breakOff(new EofException("the client has left")));
        } else if (script instanceof Spoken spoken) {
            speak(spoken, question, exchange);
        }
    }

    private void speak(Spoken spoken, Question question, Exchange exchange) {
        Dialect dialect = Dialect.of("chatcmpl-sim-" + ids.incrementAndGet(), question);
        if (question.stream()) {
            new SpokenStream(exchange, dialect, spoken, new Recital(spoken, question), pacer).start();
        } else if (spoken.isEndless()) {
            exchange.reply(invalid(400, "unsupported_value", "stream", "This model only streams."));
        } else {
            new WholeAnswer(exchange, dialect, spoken, new Recital(spoken, question), pacer).start();
        }
    }

    private static Reply invalid(int status, String code, @Nullable String param, String message) {
        return Reply.error(status, "invalid_request_error", code, param, message);
    }
}
