package dev.sluice.dialect;

import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/** The dialect's JSON: plain RFC 8259 in UTF-8. */
public final class Json {
    /** Deeper than any provider's metadata, shallow enough for the few places that recurse. */
    private static final int MAX_NESTING = 200;

    /** Characters. */
    private static final int LONGEST_STRING_ALONG = 1 << 20;

    /** As many buffers as threads can read at once on a common machine; beyond that they are garbage. */
    private static final int POOLED_BUFFERS = 32;

    /**
     * Its buffers come from a bounded pool of our own: Jackson's thread-local one would leave them, and our class
     * loader with them, behind in the container's threads.
     */
    public static final JsonFactory FACTORY = JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.newBoundedPool(POOLED_BUFFERS))
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build())
            // Jackson would take some malformed bytes for UTF-16 or UTF-32.
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .build();

    /** For reading along: a string longer than any but an image or a sound is not worth its memory. */
    static final JsonFactory ALONG = FACTORY.rebuild()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxStringLength(LONGEST_STRING_ALONG)
                    .build())
            .build();

    private Json() {}

    public static JsonParser parser(String text) {
        return FACTORY.createParser(ObjectReadContext.empty(), text);
    }

    /** The parser's byte offsets count from {@code offset}. Close it: its buffers go back to the pool. */
    public static JsonParser parser(byte[] data, int offset, int length) {
        return FACTORY.createParser(ObjectReadContext.empty(), data, offset, length);
    }

    /**
     * Half a surrogate pair has no UTF-8, and Jackson would refuse it; yet browsers send it, escaped, when a text was
     * cut inside an emoji. It becomes U+FFFD, as everywhere on the web.
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
