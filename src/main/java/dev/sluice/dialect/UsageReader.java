package dev.sluice.dialect;

import dev.sluice.chat.Usage;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;

/** Parses the {@code usage} of one dialect. Any thread may call it. */
@FunctionalInterface
public interface UsageReader {
    /**
     * Parses the parser's current value, to its end.
     *
     * @param data the bytes that the parser reads
     * @param start the index in {@code data} at which the parser has begun
     * @return null if the value is no {@code usage}
     */
    @Nullable
    Usage read(JsonParser parser, byte[] data, int start);
}
