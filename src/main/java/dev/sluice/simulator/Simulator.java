package dev.sluice.simulator;

import dev.sluice.relay.Clock;
import dev.sluice.relay.Upstream;
import dev.sluice.simulator.Question.Unreadable;
import dev.sluice.simulator.Script.Canned;
import dev.sluice.simulator.Script.Ending;
import dev.sluice.simulator.Script.Spoken;
import dev.sluice.simulator.SimulatedAnswer.Begun;
import dev.sluice.simulator.SimulatedAnswer.Refused;
import dev.sluice.simulator.SimulatedUpstream.Timing;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A provider of our own, for when there is no key: it answers in the bytes of OpenAI's chat completions. No model is
 * asked. Each of its {@linkplain #models models} is a script of something that a real provider may do, so that people can
 * test their own clients. All but those that only count say in their first words who is speaking.
 *
 * <p>It has no threads: a response is made up by the thread that reads it. All methods may be called by any thread.
 */
public final class Simulator {
    private final Clock clock;
    private final AtomicLong ids = new AtomicLong();

    /** @param clock paces the responses; runs what it is asked to run where that may call the container */
    public Simulator(Clock clock) {
        this.clock = clock;
    }

    /** The names of the models, all of which begin with {@code sim/}. */
    public static List<String> models() {
        return Model.ids();
    }

    /** The models as {@code GET …/models} of OpenAI's API lists them. */
    public static String modelList() {
        return ChatCompletionWriter.models(Model.ids());
    }

    /**
     * Answers one {@code POST …/chat/completions}.
     *
     * @param body the request's body
     */
    public SimulatedAnswer answer(byte[] body) {
        try {
            return answer(Question.read(body));
        } catch (Unreadable x) {
            return invalid(400, "invalid_body", x.param, x.message());
        }
    }

    private SimulatedAnswer answer(Question question) {
        Optional<Model> model = Model.named(question.model());
        if (model.isEmpty()) {
            return invalid(
                    404,
                    "model_not_found",
                    "model",
                    "The simulator has no such model. It has " + String.join(", ", Model.ids()) + ".");
        }
        Script script = model.get().script();
        if (script instanceof Canned canned) {
            return canned.answer();
        }
        return script instanceof Spoken spoken
                ? speak(spoken, question)
                : new Begun(upstream(ResponseBody.NONE, Timing.NEVER, Ending.MUTE, -1));
    }

    private SimulatedAnswer speak(Spoken spoken, Question question) {
        ChatCompletionWriter writer = ChatCompletionWriter.of("chatcmpl-sim-" + ids.incrementAndGet(), question);
        long interval = spoken.interval().toNanos();
        Recital recital = new Recital(spoken, question);
        if (question.stream()) {
            var events = new EventStreamBody(writer, recital, spoken.ending());
            return new Begun(upstream(events, new Timing(0, interval), spoken.ending(), -1));
        }
        if (spoken.isEndless()) {
            return invalid(400, "unsupported_value", "stream", "This model only streams.");
        }
        // One object comes when a stream would have ended.
        var json = new JsonBody(writer, recital, spoken.ending());
        return new Begun(upstream(json, new Timing(interval * json.pieces(), 0), spoken.ending(), json.length()));
    }

    private Upstream upstream(ResponseBody body, Timing timing, Ending ending, int length) {
        boolean cut = ending == Ending.CUT;
        return new SimulatedUpstream(body, timing, cut, cut ? -1 : length, clock);
    }

    private static Refused invalid(int status, String code, @Nullable String param, String message) {
        return Refused.error(status, "invalid_request_error", code, param, message);
    }
}
