package dev.sluice.servlet;

import dev.sluice.dialect.ModelList;
import java.util.function.Consumer;

/**
 * The list of models for clients. Each reader is called once, in the call or later, by any thread, and must not block. Any
 * thread may call all methods.
 */
@FunctionalInterface
public interface ModelDirectory {
    /** Passes the list of all models to the reader. */
    void list(Consumer<ModelList.Answer> reader);

    /** Passes the model with this id to the reader, or a 404 with the existing ids if there is none. */
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
