package dev.sluice.dialect;

import dev.sluice.chat.Failure;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * The available models, in order and without duplicates, as {@code GET …/models} lists them. Immutable. Its JSON is
 * made at the first call and then shared.
 */
public final class ModelList {
    /** The limit of ids in an error message. */
    private static final int NAMED = 50;

    /** The limit of characters of a quoted id in an error message. */
    private static final int QUOTED = 200;

    private final Map<String, Model> models;

    /** Any thread may set it. All threads set an equal value. */
    private volatile byte @Nullable [] json;

    private ModelList(Map<String, Model> models) {
        this.models = Collections.unmodifiableMap(models);
    }

    /** The models in this order. If several have the same id, the first one counts. */
    public static ModelList of(Collection<Model> models) {
        Map<String, Model> byId = new LinkedHashMap<>();
        models.forEach(model -> byId.putIfAbsent(model.id(), model));
        return new ModelList(byId);
    }

    /**
     * Parses a provider's answer: OpenAI's {@code {"object":"list","data":[…]}}, or the bare array. It ignores entries
     * whose id does not have 1 to 512 characters, and all entries after the first 10,000.
     *
     * @param body JSON in UTF-8
     * @param owner the owner of entries that name none
     * @return empty if the body is no such list
     */
    public static Optional<ModelList> read(byte[] body, String owner) {
        return ModelListReader.read(body, owner).map(ModelList::of);
    }

    /** The caller must not change it. */
    public Collection<Model> models() {
        return models.values();
    }

    /** The model with this id. */
    public Optional<Model> find(String id) {
        return Optional.ofNullable(models.get(id));
    }

    /** The models whose ids pass the test. */
    public ModelList only(Predicate<String> test) {
        if (models.keySet().stream().allMatch(test)) {
            return this;
        }
        return of(
                models.values().stream().filter(model -> test.test(model.id())).toList());
    }

    /** These models as OpenAI's list, in UTF-8. All callers share the array and must not change it. */
    public byte[] toJson() {
        byte[] known = json;
        if (known == null) {
            known = models.values().stream()
                    .map(Model::json)
                    .collect(Collectors.joining(",", "{\"object\":\"list\",\"data\":[", "]}"))
                    .getBytes(StandardCharsets.UTF_8);
            json = known;
        }
        return known;
    }

    /** The failure for a model id that is not in this list. */
    public Failure unknown(String id) {
        return unknown(id, models.keySet());
    }

    /**
     * The failure for an unknown model id: a 404 that lists up to 50 of the known ids.
     *
     * @param known the ids to list, in this order
     */
    public static Failure unknown(String id, Collection<String> known) {
        String named = known.stream().limit(NAMED).map(ModelList::shortened).collect(Collectors.joining(", "));
        int more = known.size() - NAMED;
        return Failure.invalid(
                404,
                "model_not_found",
                "There is no model " + shortened(id) + " here."
                        + (known.isEmpty()
                                ? " There is none at all."
                                : " There " + (known.size() == 1 ? "is " : "are ") + named
                                        + (more > 0 ? " and " + more + " more." : ".")),
                "model");
    }

    /** The text as a JSON string. */
    static String quote(String text) {
        return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
    }

    private static String shortened(String id) {
        return id.length() <= QUOTED ? id : id.substring(0, QUOTED) + "…";
    }

    /**
     * One model.
     *
     * @param id its name in requests
     * @param json its entry as text, with all fields of the provider
     */
    public record Model(String id, String json) {
        /** A model with an alias of Sluice, whose {@code created} is this. */
        public static Model alias(String id, Instant created) {
            return new Model(
                    id,
                    "{\"id\":" + quote(id) + ",\"object\":\"model\",\"created\":" + created.getEpochSecond()
                            + ",\"owned_by\":\"sluice\"}");
        }

        /** The entry in UTF-8, in a new array. */
        public byte[] toJson() {
            return json.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** The result of a request for all models. */
    public sealed interface Answer permits Models, Failed {}

    /** The result of a request for one model. */
    public sealed interface Finding permits Found, Failed {}

    /** The list of all models. */
    public record Models(ModelList list) implements Answer {}

    /** The requested model. */
    public record Found(Model model) implements Finding {}

    /** The failure of the request. */
    public record Failed(Failure failure) implements Answer, Finding {}
}
