package dev.sluice.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * All bytes of a stream, without holding them: an opening, blocks that differ only in the numbers in them, a closing.
 * As every block is of the same length, what stands at an offset is arithmetic, so that a stream can be written or
 * checked from any byte on with no state but the offset. Confined to one thread.
 */
final class StreamText {
    /** Stands in a block for the numbers of the stream and of the token. */
    static final String MARK = "######.#######";

    static final int MAX_STREAM = 999_999;
    static final int MAX_TOKENS = 9_999_999;

    static final int STREAM_DIGITS = 6;
    static final int TOKEN_DIGITS = 7;

    private final String openingText;
    private final String blockText;
    private final String closingText;

    private final byte[] opening;
    /** Written over with the numbers of whatever block is looked at. */
    private final byte[] block;

    private final byte[] closing;
    /** Where in a block its tokens' numbers stand. */
    private final int[] marks;

    private final long blocksLength;

    /** Where in its part the byte stands that was looked for last. */
    private int at;

    /**
     * @param block with as many {@link #MARK} as it has tokens
     * @param tokens of all blocks; a multiple of a block's
     */
    StreamText(String opening, String block, int tokens, String closing) {
        this.openingText = opening;
        this.blockText = block;
        this.closingText = closing;
        this.opening = bytes(opening);
        this.block = bytes(block);
        this.closing = bytes(closing);
        this.marks = marks(block);
        if (tokens < 1 || tokens > MAX_TOKENS || tokens % marks.length != 0) {
            throw new IllegalArgumentException(
                    "A stream has 1 to " + MAX_TOKENS + " tokens and whole blocks of " + marks.length + ": " + tokens);
        }
        blocksLength = (long) tokens / marks.length * this.block.length;
    }

    /** The token's text, which tells whose it is and its place: {@code token} counts from 0. */
    static String token(int stream, int token) {
        return String.format("%0" + STREAM_DIGITS + "d.%0" + TOKEN_DIGITS + "d", stream, token);
    }

    String opening() {
        return openingText;
    }

    /** With its marks. */
    String block() {
        return blockText;
    }

    String closing() {
        return closingText;
    }

    long length() {
        return opening.length + blocksLength + closing.length;
    }

    /** How many tokens are whole within the first bytes: those of whole blocks. */
    long tokensWithin(long bytes) {
        long inBlocks = Math.min(blocksLength, Math.max(0, bytes - opening.length));
        return inBlocks / block.length * marks.length;
    }

    /** Puts what the stream says from the offset on, as far as there is room and something to say. */
    void put(int stream, long offset, ByteBuffer to) {
        long next = offset;
        long end = Math.min(length(), offset + to.remaining());
        while (next < end) {
            byte[] part = partWith(stream, next);
            int count = (int) Math.min(part.length - at, end - next);
            to.put(part, at, count);
            next += count;
        }
    }

    /** Where the part ends that the byte at this offset belongs to: the opening, a block or the closing. */
    long endOfPart(long offset) {
        if (offset < opening.length) {
            return opening.length;
        }
        long inBlocks = offset - opening.length;
        return inBlocks < blocksLength ? opening.length + (inBlocks / block.length + 1) * block.length : length();
    }

    /** How many of the bytes, from the first on, are those that the stream says from the offset on. */
    int agreed(int stream, long offset, byte[] bytes, int from, int to) {
        int next = from;
        long left = length() - offset;
        int end = (int) Math.min(to, from + left);
        while (next < end) {
            byte[] part = partWith(stream, offset + (next - from));
            int count = Math.min(part.length - at, end - next);
            int wrong = Arrays.mismatch(part, at, at + count, bytes, next, next + count);
            if (wrong >= 0) {
                return next - from + wrong;
            }
            next += count;
        }
        return end - from;
    }

    /** The part that holds the byte at this offset, with its numbers in it; the byte's place is {@link #at}. */
    private byte[] partWith(int stream, long offset) {
        if (offset < opening.length) {
            at = (int) offset;
            return opening;
        }
        long inBlocks = offset - opening.length;
        if (inBlocks >= blocksLength) {
            at = (int) (inBlocks - blocksLength);
            return closing;
        }
        at = (int) (inBlocks % block.length);
        int token = (int) (inBlocks / block.length) * marks.length;
        for (int mark : marks) {
            write(stream, mark, STREAM_DIGITS);
            write(token++, mark + STREAM_DIGITS + 1, TOKEN_DIGITS);
        }
        return block;
    }

    private void write(int number, int to, int digits) {
        int rest = number;
        for (int place = to + digits - 1; place >= to; place--) {
            block[place] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    private static int[] marks(String block) {
        int[] places = new int[(block.length() - block.replace(MARK, "").length()) / MARK.length()];
        int from = 0;
        for (int i = 0; i < places.length; i++) {
            places[i] = block.indexOf(MARK, from);
            from = places[i] + MARK.length();
        }
        return places;
    }

    private static byte[] bytes(String ascii) {
        return ascii.getBytes(StandardCharsets.US_ASCII);
    }
}
