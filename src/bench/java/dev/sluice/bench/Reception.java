package dev.sluice.bench;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Checks one stream as it comes in: as long as it is what it should be, byte for byte, nothing else is looked at. From
 * the first difference on an {@link Autopsy} reads it event by event. Confined to one thread.
 */
final class Reception implements Check {
    private static final int REPLAYED = 4096;

    private final Order order;
    private final StreamText expected;
    private long offset;
    private @Nullable Autopsy autopsy;

    /** @param expected of this many tokens; may be shared by all streams of a thread */
    Reception(Order order, StreamText expected) {
        this.order = order;
        this.expected = expected;
    }

    @Override
    public void take(byte[] bytes, int from, int to) {
        int agreed = 0;
        if (autopsy == null) {
            agreed = expected.agreed(order.stream(), offset, bytes, from, to);
            offset += agreed;
            if (from + agreed == to) {
                return;
            }
        }
        autopsy().take(bytes, from + agreed, to);
    }

    @Override
    public long tokens() {
        return expected.tokensWithin(offset);
    }

    @Override
    public void end(@Nullable String trouble, Tally tally) {
        if (trouble == null && autopsy == null && offset == expected.length()) {
            tally.whole(order.tokens());
        } else {
            autopsy().report(trouble, tally);
        }
    }

    private Autopsy autopsy() {
        Autopsy known = autopsy;
        if (known == null) {
            known = new Autopsy(order, expected);
            replay(order, expected, offset, known);
            autopsy = known;
        }
        return known;
    }

    /** Tells the autopsy what it has missed, which agreed with what was expected. */
    private static void replay(Order order, StreamText text, long end, Autopsy autopsy) {
        ByteBuffer part = ByteBuffer.allocate(REPLAYED);
        for (long at = 0; at < end; at += part.limit()) {
            part.clear().limit((int) Math.min(REPLAYED, end - at));
            text.put(order.stream(), at, part);
            autopsy.take(part.array(), 0, part.limit());
        }
    }
}
