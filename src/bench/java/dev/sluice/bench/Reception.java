package dev.sluice.bench;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Checks one stream while it arrives. As long as it has the expected bytes, they are only compared. From the first
 * difference on, an {@link Autopsy} reads it event by event. Confined to one thread.
 */
final class Reception implements Check {
    private static final int REPLAYED = 4096;

    private final Order order;
    private final StreamText expected;
    private long offset;
    private @Nullable Autopsy autopsy;

    /** @param expected the expected bytes; all streams of a thread may share it */
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

    /** Passes the bytes so far to the autopsy; they were the expected ones. */
    private static void replay(Order order, StreamText text, long end, Autopsy autopsy) {
        ByteBuffer part = ByteBuffer.allocate(REPLAYED);
        for (long at = 0; at < end; at += part.limit()) {
            part.clear().limit((int) Math.min(REPLAYED, end - at));
            text.put(order.stream(), at, part);
            autopsy.take(part.array(), 0, part.limit());
        }
    }
}
