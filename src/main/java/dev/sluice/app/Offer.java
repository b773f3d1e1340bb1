package dev.sluice.app;

import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.ModelList.Answer;
import dev.sluice.dialect.ModelList.Finding;
import dev.sluice.dialect.ModelList.Model;
import dev.sluice.servlet.ModelDirectory;
import dev.sluice.upstream.ModelCatalog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The models on offer: the operator's names, and where others pass too, those that the upstream lists. The operator's are
 * told even while that upstream is down. For any thread.
 */
final class Offer implements ModelDirectory {
    private final ModelList names;
    private final @Nullable ModelCatalog others;

    /** The latest; made anew when the upstream's list is another. Set by any thread. */
    private volatile @Nullable Merged merged;

    /**
     * @param names the operator's
     * @param others of the upstream that is asked for any other model, if one is
     */
    Offer(Collection<Model> names, @Nullable ModelCatalog others) {
        this.names = ModelList.of(names);
        this.others = others;
    }

    @Override
    public void list(Consumer<Answer> reader) {
        if (others == null) {
            reader.accept(new ModelList.Models(names));
        } else {
            others.get(answer -> reader.accept(withNames(answer)));
        }
    }

    @Override
    public void find(String id, Consumer<Finding> reader) {
        Optional<Model> name = names.find(id);
        if (name.isPresent()) {
            reader.accept(new ModelList.Found(name.get()));
        } else if (others == null) {
            reader.accept(new ModelList.Failed(names.unknown(id)));
        } else {
            others.get(answer -> reader.accept(found(id, answer)));
        }
    }

    /** While the upstream is down, nobody knows whether it has such a model. */
    private Finding found(String id, Answer answer) {
        if (answer instanceof ModelList.Models models) {
            ModelList all = merge(models.list());
            return all.find(id)
                    .<Finding>map(ModelList.Found::new)
                    .orElseGet(() -> new ModelList.Failed(all.unknown(id)));
        }
        return (ModelList.Failed) answer;
    }

    private Answer withNames(Answer answer) {
        if (answer instanceof ModelList.Models models) {
            return new ModelList.Models(merge(models.list()));
        }
        return names.models().isEmpty() ? answer : new ModelList.Models(names);
    }

    private ModelList merge(ModelList listed) {
        if (names.models().isEmpty()) {
            return listed;
        }
        Merged known = merged;
        if (known == null || known.listed != listed) {
            List<Model> all = new ArrayList<>(names.models());
            all.addAll(listed.models());
            known = new Merged(listed, ModelList.of(all));
            merged = known;
        }
        return known.all;
    }

    private record Merged(ModelList listed, ModelList all) {}
}
