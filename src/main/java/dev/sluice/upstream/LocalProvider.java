package dev.sluice.upstream;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.ErrorJson;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Head;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** A provider within this process, such as the simulator. Any thread may call all methods. */
public final class LocalProvider extends Provider {
    private final Map<String, Function<byte[], LocalAnswer>> answers;
    private final ModelList models;
    private final Standing standing;

    /**
     * @param answers by the path of a dialect, what is answered to the body of a request; must not block
     * @param models those that it has
     */
    public LocalProvider(
            Profile profile,
            ProviderWords words,
            Clock clock,
            Map<String, Function<byte[], LocalAnswer>> answers,
            ModelList models) {
        super(profile, new Head(-1, List.of(new Head.Field("X-Sluice-Upstream", "simulator"))), words, clock);
        this.answers = Map.copyOf(answers);
        this.models = models;
        this.standing = new Standing(new FaultLog(name(), setting(""), words, clock, Runnable::run), clock);
        standing.reached();
    }

    @Override
    public void start() {
        // There is nothing to start.
    }

    @Override
    public void stop() {
        // There is nothing to stop: its calls have no threads.
    }

    /** Always reachable. */
    @Override
    public Standing standing() {
        return standing;
    }

    @Override
    ProviderCall call(Target target, UpstreamRequest sending) {
        return new LocalCall(this, target, sending);
    }

    @Override
    void listModels(String owner, Consumer<ModelList.Answer> reader) {
        reader.accept(new ModelList.Models(models));
    }

    @Override
    boolean speaks(Dialect dialect) {
        return super.speaks(dialect) && answers.containsKey(dialect.path());
    }

    LocalAnswer answer(String path, byte[] body) {
        Function<byte[], LocalAnswer> known = answers.get(path);
        return known == null ? new LocalAnswer.Refused(404, null, ErrorJson.text(notSpoken(path))) : known.apply(body);
    }

    private Failure notSpoken(String path) {
        return Failure.invalid(404, "not_found", "The upstream " + name() + " does not answer " + path + ".", null);
    }
}
