package dev.sluice.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the callers of one plan may do: {@code sluice.plans.<name>.*}. Immutable, for any thread.
 *
 * @param models the names of the models that may be asked for; {@code *} in them stands for any characters. Empty if all may
 * @param streams the number of streams that may be open at once, 1 or more; null for any number
 * @param requests the number of requests within a period, at most one for each period
 * @param tokens the number of tokens, of prompts and answers, within a period; at most one for each period
 * @param maxOutputTokens the longest answer in tokens, 1 or more; null for any length
 * @param reserve the tokens that are held for an answer until its real number is known, unless the request asks for fewer; 0 or
 *     more, and no more than {@code maxOutputTokens}
 * @param per who counts together
 */
public record Plan(
        String name,
        List<String> models,
        @Nullable Integer streams,
        List<Rate> requests,
        List<Rate> tokens,
        @Nullable Integer maxOutputTokens,
        int reserve,
        Per per) {
    /** Who counts together. */
    public enum Per {
        /** Each caller has the limits of the plan. */
        CALLER,
        /** All callers who have the plan by the same group share its limits. */
        GROUP
    }

    public Plan {
        models = List.copyOf(models);
        requests = List.copyOf(requests);
        tokens = List.copyOf(tokens);
    }

    /** Whether the model that clients call this may be asked for; null for the one that an upstream has without a name. */
    public boolean allows(@Nullable String model) {
        String name = model == null ? "" : model;
        return models.isEmpty() || models.stream().anyMatch(allowed -> Glob.matches(allowed, name));
    }
}
