package dev.sluice.bench;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks a stream whose tokens contain the time of their write: the text, the numbers and the order of all events. Passes
 * each time on. After the first fault nothing more is checked. Confined to one thread.
 */
final class StampedReception implements Check {
    private static final int TOLD = 300;

    private final Order order;
    private final byte[] opening;
    private final byte[] closing;
    private final StampedText text;
    private final LongConsumer stamps;

    /** The current event. */
    private byte[] part;

    private int held;
    private boolean inComment;
    private boolean opened;
    private int tokens;
    private boolean closed;
    private @Nullable String fault;

    /** @param stamps gets the time of each token's write, as soon as the token has arrived */
    StampedReception(Order order, StreamText frame, StampedText text, LongConsumer stamps) {
        this.order = order;
        this.opening = frame.opening().getBytes(StandardCharsets.US_ASCII);
        this.closing = frame.closing().getBytes(StandardCharsets.US_ASCII);
        this.text = text;
        this.stamps = stamps;
        this.opened = opening.length == 0;
        this.part = new byte[Math.max(opening.length, text.length())];
    }

    @Override
    public void take(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && fault == null) {
            int wanted = wanted();
            if (wanted == 0) {
                fault = "more after the end: " + told(Arrays.copyOfRange(bytes, at, to));
                return;
            }
            if (held == 0 && betweenEvents(bytes[at])) {
                at++;
                continue;
            }
            int count = Math.min(wanted - held, to - at);
            if (part.length < wanted) {
                part = Arrays.copyOf(part, wanted);
            }
            System.arraycopy(bytes, at, part, held, count);
            held += count;
            at += count;
            if (held == wanted) {
                whole(wanted);
                held = 0;
            }
        }
    }

    @Override
    public long tokens() {
        return tokens;
    }

    @Override
    public void end(@Nullable String trouble, Tally tally) {
        if (trouble == null && fault == null && closed) {
            tally.whole(tokens);
            return;
        }
        String why = fault != null ? fault : trouble != null ? trouble : "no proper end";
        tally.faulty(order.stream(), why, tokens, order.tokens() - tokens, 0, 0, fault == null ? 0 : 1);
    }

    /** Skips comments, with or without an empty line behind them. */
    private boolean betweenEvents(byte b) {
        boolean skipped = inComment || b == ':' || b == '\n';
        inComment = (inComment || b == ':') && b != '\n';
        return skipped;
    }

    private int wanted() {
        return !opened ? opening.length : tokens < order.tokens() ? text.length() : closed ? 0 : closing.length;
    }

    private void whole(int length) {
        if (!opened) {
            opened = Arrays.equals(opening, 0, opening.length, part, 0, length);
            fault = opened ? null : "not the opening: " + told(part);
        } else if (tokens < order.tokens()) {
            long stamp = text.stamp(order.stream(), tokens, part);
            if (stamp < 0) {
                fault = "not token " + tokens + ": " + told(part);
                return;
            }
            tokens++;
            stamps.accept(stamp);
        } else {
            closed = Arrays.equals(closing, 0, closing.length, part, 0, length);
            fault = closed ? null : "not the end: " + told(part);
        }
    }

    private static String told(byte[] bytes) {
        return new String(bytes, 0, Math.min(TOLD, bytes.length), StandardCharsets.ISO_8859_1).replace("\n", "⏎");
    }
}
