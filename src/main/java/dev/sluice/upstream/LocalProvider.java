package dev.sluice.upstream;

import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Head;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** A provider within this process, such as the simulator. All methods may be called by any thread. */
public final class LocalProvider extends Provider {
    private final Function<byte[], LocalAnswer> answers;
    private final ModelList models;
    private final Standing standing;

    /**
     * @param answers what is answered to the body of a request; must not block
     * @param models those that it has
     */
    public LocalProvider(
            Profile profile,
            ProviderWords words,
            Clock clock,
            Function<byte[], LocalAnswer> answers,
            ModelList models) {
        super(profile, new Head(-1, List.of(new Head.Field("X-Sluice-Upstream", "simulator"))), words, clock);
        this.answers = answers;
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

    /** It is always there. */
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

    LocalAnswer answer(byte[] body) {
        return answers.apply(body);
    }
}
