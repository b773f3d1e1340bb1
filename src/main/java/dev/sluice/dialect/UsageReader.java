package dev.sluice.dialect;

import dev.sluice.chat.Usage;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;

/** Reads what an answer cost, as one dialect says it. For any thread. */
@FunctionalInterface
public interface UsageReader {
    /**
     * Reads the value at which the parser stands, to its end.
     *
     * @param data what the parser reads
     * @param start where in {@code data} it began
     * @return null if the value is no such object
     */
    @Nullable
    Usage read(JsonParser parser, byte[] data, int start);
}
