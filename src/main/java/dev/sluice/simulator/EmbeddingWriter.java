package dev.sluice.simulator;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import tools.jackson.core.JsonGenerator;

/**
 * Writes embeddings as OpenAI's API has them. A vector depends on its text alone, so the same text always has the same one.
 * It has no meaning: texts that are alike are not near to each other.
 */
final class EmbeddingWriter {
    private EmbeddingWriter() {}

    static String whole(EmbeddingQuestion question) {
        return Written.json(json -> {
            json.writeStringProperty("object", "list");
            json.writeArrayPropertyStart("data");
            long tokens = 0;
            for (int i = 0; i < question.inputs().size(); i++) {
                String text = question.inputs().get(i);
                tokens += AnswerText.count(text);
                json.writeStartObject();
                json.writeStringProperty("object", "embedding");
                json.writeNumberProperty("index", i);
                json.writeName("embedding");
                vector(json, vector(text, question.dimensions()), question.base64());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeStringProperty("model", question.model());
            json.writeObjectPropertyStart("usage");
            json.writeNumberProperty("prompt_tokens", tokens);
            json.writeNumberProperty("total_tokens", tokens);
            json.writeEndObject();
        });
    }

    /** The vector of a text: its length is 1. */
    static float[] vector(String text, int dimensions) {
        long state = 0xcbf29ce484222325L; // FNV-1a of its bytes
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            state = (state ^ (octet & 0xff)) * 0x100000001b3L;
        }
        double[] numbers = new double[dimensions];
        double square = 0;
        for (int i = 0; i < dimensions; i++) {
            state += 0x9e3779b97f4a7c15L; // SplitMix64
            long mixed = (state ^ (state >>> 30)) * 0xbf58476d1ce4e5b9L;
            mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
            numbers[i] = ((mixed ^ (mixed >>> 31)) >> 11) * 0x1.0p-52;
            square += numbers[i] * numbers[i];
        }
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            vector[i] = (float) (numbers[i] / Math.sqrt(square));
        }
        return vector;
    }

    private static void vector(JsonGenerator json, float[] vector, boolean base64) {
        if (base64) {
            ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * vector.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(vector);
            json.writeString(Base64.getEncoder().encodeToString(bytes.array()));
            return;
        }
        json.writeStartArray();
        for (float number : vector) {
            json.writeNumber(number);
        }
        json.writeEndArray();
    }
}
