package dev.sluice.dialect.anthropic;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.dialect.Json;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.ModelList.Model;
import dev.sluice.dialect.ModelShape;
import java.io.StringWriter;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;

/**
 * Lists models as Anthropic does: {@code {"data":[{"type":"model","id","display_name","created_at"}],"has_more","first_id",
 * "last_id"}}. The list is cut into pages only for a client that names a limit. Stateless.
 */
final class AnthropicModels implements ModelShape {
    static final ModelShape SHAPE = new AnthropicModels();

    /** By it, clients of Anthropic are known. In lower case. */
    static final String HEADER = "anthropic-version";

    private AnthropicModels() {}

    @Override
    public String header() {
        return HEADER;
    }

    @Override
    public byte[] list(ModelList models, UnaryOperator<@Nullable String> parameter) {
        List<Model> all = new ArrayList<>(models.models());
        String after = parameter.apply("after_id");
        String before = parameter.apply("before_id");
        int limit = limit(parameter.apply("limit"));
        int from = 0;
        int to = all.size();
        if (after != null) {
            from = indexOf(after, all) + 1;
        } else if (before != null && indexOf(before, all) >= 0) {
            to = indexOf(before, all);
        }
        boolean backwards = after == null && before != null;
        int first = backwards ? Math.max(from, to - limit) : from;
        int behind = backwards ? to : (int) Math.min(to, (long) from + limit);
        boolean more = backwards ? first > from : behind < to;
        List<Model> page = all.subList(first, behind);
        return utf8(json -> {
            json.writeStartObject();
            json.writeArrayPropertyStart("data");
            page.forEach(model -> write(model, json));
            json.writeEndArray();
            json.writeBooleanProperty("has_more", more);
            json.writeStringProperty(
                    "first_id", page.isEmpty() ? null : page.get(0).id());
            json.writeStringProperty(
                    "last_id", page.isEmpty() ? null : page.get(page.size() - 1).id());
            json.writeEndObject();
        });
    }

    @Override
    public byte[] one(Model model) {
        return utf8(json -> write(model, json));
    }

    /** A number from 1; any other value counts as no limit. */
    private static int limit(@Nullable String text) {
        if (text == null || !text.matches("[1-9][0-9]{0,8}")) {
            return Integer.MAX_VALUE;
        }
        return Integer.parseInt(text);
    }

    private static int indexOf(String id, List<Model> models) {
        for (int i = 0; i < models.size(); i++) {
            if (models.get(i).id().equals(id)) {
                return i;
            }
        }
        return -1;
    }

    private static void write(Model model, JsonGenerator json) {
        String name = null;
        String createdAt = null;
        long created = 0;
        try (JsonParser entry = Json.parser(model.json())) {
            entry.nextToken();
            for (String field = entry.nextName(); field != null; field = entry.nextName()) {
                JsonToken value = entry.nextToken();
                switch (field) {
                    case "display_name" -> name = value == JsonToken.VALUE_STRING ? entry.getString() : name;
                    case "created_at" -> createdAt = value == JsonToken.VALUE_STRING ? entry.getString() : createdAt;
                    case "created" -> created = value == JsonToken.VALUE_NUMBER_INT ? seconds(entry) : 0;
                    default -> {}
                }
                entry.skipChildren();
            }
        }
        json.writeStartObject();
        json.writeStringProperty("type", "model");
        json.writeStringProperty("id", Json.wellFormed(model.id()));
        json.writeStringProperty("display_name", Json.wellFormed(name == null ? model.id() : name));
        json.writeStringProperty("created_at", createdAt == null ? at(created) : Json.wellFormed(createdAt));
        json.writeEndObject();
    }

    private static long seconds(JsonParser entry) {
        return entry.getNumberType() == JsonParser.NumberType.BIG_INTEGER ? 0 : entry.getLongValue();
    }

    /** In the format of RFC 3339. */
    private static String at(long seconds) {
        try {
            return Instant.ofEpochSecond(seconds).toString();
        } catch (DateTimeException beyondTheCalendar) {
            return Instant.EPOCH.toString();
        }
    }

    private static byte[] utf8(Consumer<JsonGenerator> writer) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            writer.accept(json);
        }
        return text.toString().getBytes(UTF_8);
    }
}
