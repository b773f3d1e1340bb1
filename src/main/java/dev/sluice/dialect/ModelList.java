package dev.sluice.dialect;

import dev.sluice.chat.Failure;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * The models on offer, in order and each once, as {@code GET …/models} lists them. Immutable, but for its JSON, which is
 * made when it is first asked for and then shared.
 */
public final class ModelList {
    /** Ids that a refusal names. */
    private static final int NAMED = 50;

    /** Characters of an id that a refusal quotes. */
    private static final int QUOTED = 200;

    private final Map<String, Model> models;

    /** Set by whichever thread asks first, to the same by all. */
    private volatile byte @Nullable [] json;

    private ModelList(Map<String, Model> models) {
        this.models = Collections.unmodifiableMap(models);
    }

    /** The models in their order; of those with the same id the first counts. */
    public static ModelList of(Collection<Model> models) {
        Map<String, Model> byId = new LinkedHashMap<>();
        models.forEach(model -> byId.putIfAbsent(model.id(), model));
        return new ModelList(byId);
    }

    /**
     * Reads a provider's answer: OpenAI's {@code {"object":"list","data":[…]}}, or the bare array. Entries without an id
     * of 1 to 512 characters are left out, and so is what follows the first 10,000 entries.
     *
     * @param body JSON in UTF-8
     * @param owner whom entries belong to that do not say so themselves
     * @return empty if it is not such a list
     */
    public static Optional<ModelList> read(byte[] body, String owner) {
        return ModelListReader.read(body, owner).map(ModelList::of);
    }

    /** Never to be altered. */
    public Collection<Model> models() {
        return models.values();
    }

    /** The model of exactly this id. */
    public Optional<Model> find(String id) {
        return Optional.ofNullable(models.get(id));
    }

    /** OpenAI's list of these models in UTF-8. Shared by all who ask: never to be altered. */
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

    /** Why {@code id} cannot be asked for: it is none of these. */
    public Failure unknown(String id) {
        return unknown(id, models.keySet());
    }

    /**
     * Why {@code id} cannot be asked for: a 404 that names the models there are, 50 of them at most.
     *
     * @param known the ids to name, in this order
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

    /** As a JSON string. */
    static String quote(String text) {
        return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
    }

    private static String shortened(String id) {
        return id.length() <= QUOTED ? id : id.substring(0, QUOTED) + "…";
    }

    /**
     * One model.
     *
     * @param id what requests call it
     * @param json its entry as text: the provider's own, vendor fields and all
     */
    public record Model(String id, String json) {
        /** A model that goes here by a name of ours, since {@code created}. */
        public static Model alias(String id, Instant created) {
            return new Model(
                    id,
                    "{\"id\":" + quote(id) + ",\"object\":\"model\",\"created\":" + created.getEpochSecond()
                            + ",\"owned_by\":\"sluice\"}");
        }

        /** The entry in UTF-8, anew for each caller. */
        public byte[] toJson() {
            return json.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** What becomes of asking for all models. */
    public sealed interface Answer permits Models, Failed {}

    /** What becomes of asking for one model. */
    public sealed interface Finding permits Found, Failed {}

    /** These are all. */
    public record Models(ModelList list) implements Answer {}

    /** This is the one. */
    public record Found(Model model) implements Finding {}

    /** There is no answer, for this reason. */
    public record Failed(Failure failure) implements Answer, Finding {}
}
