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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The list of models for clients: the aliases, and if other names pass to an upstream, the models that it lists. The aliases
 * are listed even while that upstream does not answer. Any thread may call all methods.
 */
final class Offer {
    private final ModelList names;
    private final @Nullable ModelCatalog others;

    /** The last merged list; it is created again when the upstream's list has changed. Set by any thread. */
    private volatile @Nullable Merged merged;

    /**
     * @param names the aliases
     * @param others the models of the upstream that is asked for all other names; null if there is none
     */
    Offer(Collection<Model> names, @Nullable ModelCatalog others) {
        this.names = ModelList.of(names);
        this.others = others;
    }

    /** The list for a client that may use these models. It is told of no other, as if there were none. */
    ModelDirectory of(Predicate<String> usable) {
        return new Part(usable);
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

    private final class Part implements ModelDirectory {
        private final Predicate<String> usable;
        private final ModelList aliases;

        Part(Predicate<String> usable) {
            this.usable = usable;
            this.aliases = names.only(usable);
        }

        @Override
        public void list(Consumer<Answer> reader) {
            if (others == null) {
                reader.accept(new ModelList.Models(aliases));
            } else {
                others.get(answer -> reader.accept(withAliases(answer)));
            }
        }

        @Override
        public void find(String id, Consumer<Finding> reader) {
            Optional<Model> alias = aliases.find(id);
            if (alias.isPresent()) {
                reader.accept(new ModelList.Found(alias.get()));
            } else if (others == null) {
                reader.accept(new ModelList.Failed(aliases.unknown(id)));
            } else {
                others.get(answer -> reader.accept(found(id, answer)));
            }
        }

        /** The failure while the upstream does not answer, so that it is unknown whether it has such a model. */
        private Finding found(String id, Answer answer) {
            if (answer instanceof ModelList.Models models) {
                ModelList all = merge(models.list()).only(usable);
                return all.find(id)
                        .<Finding>map(ModelList.Found::new)
                        .orElseGet(() -> new ModelList.Failed(all.unknown(id)));
            }
            return (ModelList.Failed) answer;
        }

        private Answer withAliases(Answer answer) {
            if (answer instanceof ModelList.Models models) {
                return new ModelList.Models(merge(models.list()).only(usable));
            }
            return aliases.models().isEmpty() ? answer : new ModelList.Models(aliases);
        }
    }
}
