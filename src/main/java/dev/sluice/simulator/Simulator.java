package dev.sluice.simulator;

import dev.sluice.relay.Clock;
import dev.sluice.relay.Upstream;
import dev.sluice.simulator.Question.Unreadable;
import dev.sluice.simulator.Script.Canned;
import dev.sluice.simulator.Script.Ending;
import dev.sluice.simulator.Script.Spoken;
import dev.sluice.simulator.SimulatedAnswer.Begun;
import dev.sluice.simulator.SimulatedUpstream.Timing;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * A built-in provider that answers without a language model, in several API dialects. It is used if there is no key. Each of its {@linkplain #models models} has one behaviour that real providers have, so that people can test their
 * clients. The answers say first that they come from a simulator, but for those that are numbers only.
 *
 * <p>It has no threads: the thread that reads a response generates it. Any thread may call all methods.
 */
public final class Simulator {
    private final Clock clock;
    private final AtomicLong ids = new AtomicLong();

    /** @param clock sets the alarms for the pieces; its alarms run on a thread that may call the container */
    public Simulator(Clock clock) {
        this.clock = clock;
    }

    /** The names of the models, all of which begin with {@code sim/}. */
    public static List<String> models() {
        return Model.ids();
    }

    /** The models as {@code GET …/models} of OpenAI's API lists them. */
    public static String modelList() {
        return CompletionChunks.models(Model.ids());
    }

    /**
     * Answers one request.
     *
     * @param dialect that of the request
     * @param body the request's body
     */
    public SimulatedAnswer answer(SimulatedDialect dialect, byte[] body) {
        try {
            if (dialect == SimulatedDialect.EMBEDDINGS) {
                EmbeddingQuestion question = EmbeddingQuestion.read(body);
                return answer(dialect, question.model(), spoken -> embed(spoken, question));
            }
            Question question = Question.read(dialect, body);
            if (dialect == SimulatedDialect.TOKEN_COUNT) {
                String count = dialect.writer("", question).whole(new Tally(0, 0, false), "", "");
                return answer(
                        dialect,
                        question.model(),
                        spoken -> begun(new JsonBody(count, 0, spoken.ending()), 0, spoken.ending()));
            }
            return answer(dialect, question.model(), spoken -> speak(dialect, spoken, question));
        } catch (Unreadable x) {
            return dialect.refused(Fault.invalid(400, "invalid_body", x.param, x.message()));
        }
    }

    private SimulatedAnswer answer(SimulatedDialect dialect, String name, Function<Spoken, SimulatedAnswer> speaker) {
        Optional<Model> model = Model.named(name);
        if (model.isEmpty()) {
            return dialect.refused(Fault.invalid(
                    404,
                    "model_not_found",
                    "model",
                    "The simulator has no such model. It has " + String.join(", ", Model.ids()) + "."));
        }
        Script script = model.get().script();
        if (script instanceof Canned canned) {
            return dialect.refused(canned.fault());
        }
        return script instanceof Spoken spoken
                ? speaker.apply(spoken)
                : new Begun(upstream(ResponseBody.NONE, Timing.NEVER, Ending.MUTE, -1));
    }

    private SimulatedAnswer speak(SimulatedDialect dialect, Spoken spoken, Question question) {
        AnswerWriter writer = dialect.writer(Long.toString(ids.incrementAndGet()), question);
        long interval = spoken.interval().toNanos();
        Recital recital = new Recital(spoken, question);
        if (question.stream()) {
            var events = new EventStreamBody(writer, recital, spoken.ending());
            return new Begun(upstream(events, new Timing(0, interval), spoken.ending(), -1));
        }
        if (spoken.isEndless()) {
            return dialect.refused(Fault.invalid(400, "unsupported_value", "stream", "This model only streams."));
        }
        // The object is due when a stream would have ended.
        return begun(JsonBody.of(writer, recital, spoken.ending()), interval, spoken.ending());
    }

    /** Embeddings are no words, so all models that answer answer at once. */
    private SimulatedAnswer embed(Spoken spoken, EmbeddingQuestion question) {
        return begun(new JsonBody(EmbeddingWriter.whole(question), 0, spoken.ending()), 0, spoken.ending());
    }

    private Begun begun(JsonBody json, long interval, Ending ending) {
        return new Begun(upstream(json, new Timing(interval * json.pieces(), 0), ending, json.length()));
    }

    private Upstream upstream(ResponseBody body, Timing timing, Ending ending, int length) {
        boolean cut = ending == Ending.CUT;
        return new SimulatedUpstream(body, timing, cut, cut ? -1 : length, clock);
    }
}
