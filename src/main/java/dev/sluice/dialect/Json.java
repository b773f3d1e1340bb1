package dev.sluice.dialect;

import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/** Jackson's settings for the JSON of dialects: RFC 8259 in UTF-8. */
public final class Json {
    /** The limit of nesting. Providers' metadata is less deep, and the few recursive methods can go that deep. */
    private static final int MAX_NESTING = 200;

    /**
     * The number of buffers in the pool: enough for the threads that parse at once on a common machine. More are
     * garbage-collected.
     */
    private static final int POOLED_BUFFERS = 32;

    /**
     * It has a bounded pool of buffers. Jackson's thread-local pool would leave buffers, and with them the web
     * application's class loader, in the container's threads.
     */
    public static final JsonFactory FACTORY = JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.newBoundedPool(POOLED_BUFFERS))
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build())
            // Otherwise Jackson takes some malformed bytes for UTF-16 or UTF-32.
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .build();

    private Json() {}

    public static JsonParser parser(String text) {
        return FACTORY.createParser(ObjectReadContext.empty(), text);
    }

    /**
     * The parser's byte offsets count from {@code offset}. The caller must close it, which returns its buffers to the
     * pool.
     */
    public static JsonParser parser(byte[] data, int offset, int length) {
        return FACTORY.createParser(ObjectReadContext.empty(), data, offset, length);
    }

    /**
     * Replaces an unpaired surrogate by U+FFFD, as browsers do. It has no UTF-8 encoding, so Jackson would refuse it.
     * Browsers send it as an escape when a text was cut within an emoji.
     */
    public static String wellFormed(String text) {
        StringBuilder repaired = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            if (repaired == null) {
                repaired = new StringBuilder(text);
            }
            repaired.setCharAt(i, '\uFFFD');
        }
        return repaired == null ? text : repaired.toString();
    }
}
