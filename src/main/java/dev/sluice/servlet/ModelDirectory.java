package dev.sluice.servlet;

import dev.sluice.dialect.ModelList;
import java.util.function.Consumer;

/**
 * Knows the models on offer. Each reader is told once, at once or later, on whatever thread, and blocks none. For any
 * thread.
 */
@FunctionalInterface
public interface ModelDirectory {
    /** Tells all models that clients may ask for. */
    void list(Consumer<ModelList.Answer> reader);

    /** Tells the one of this id; fails with a 404 that names those there are if there is none. */
    default void find(String id, Consumer<ModelList.Finding> reader) {
        list(answer -> reader.accept(found(id, answer)));
    }

    private static ModelList.Finding found(String id, ModelList.Answer answer) {
        if (answer instanceof ModelList.Models models) {
            ModelList list = models.list();
            return list.find(id)
                    .<ModelList.Finding>map(ModelList.Found::new)
                    .orElseGet(() -> new ModelList.Failed(list.unknown(id)));
        }
        return (ModelList.Failed) answer;
    }
}
