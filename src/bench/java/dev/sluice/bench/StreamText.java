package dev.sluice.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bytes of a stream, which are computed instead of stored: an opening, blocks that differ in their numbers only, and a
 * closing. All blocks have the same length, so the byte at an offset can be computed. A stream can be written or checked
 * from any byte on with no state but the offset. Confined to one thread.
 */
final class StreamText {
    /** The placeholder in a block for the numbers of the stream and of the token. */
    static final String MARK = "######.#######";

    static final int MAX_STREAM = 999_999;
    static final int MAX_TOKENS = 9_999_999;

    static final int STREAM_DIGITS = 6;
    static final int TOKEN_DIGITS = 7;

    private final String openingText;
    private final String blockText;
    private final String closingText;

    private final byte[] opening;
    /** A block; its numbers are overwritten with those of the block that is read. */
    private final byte[] block;

    private final byte[] closing;
    /** The indexes of the numbers in a block. */
    private final int[] marks;

    private final long blocksLength;

    /** The index within its part of the byte that was last looked up. */
    private int at;

    /**
     * @param block a block, with one {@link #MARK} for each of its tokens
     * @param tokens the tokens of all blocks; a multiple of those of one block
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

    /** The text of a token: the numbers of its stream and of the token, counted from 0. */
    static String token(int stream, int token) {
        return String.format("%0" + STREAM_DIGITS + "d.%0" + TOKEN_DIGITS + "d", stream, token);
    }

    String opening() {
        return openingText;
    }

    /** A block with its marks. */
    String block() {
        return blockText;
    }

    String closing() {
        return closingText;
    }

    long length() {
        return opening.length + blocksLength + closing.length;
    }

    /** The number of tokens in the complete blocks of this many first bytes. */
    long tokensWithin(long bytes) {
        long inBlocks = Math.min(blocksLength, Math.max(0, bytes - opening.length));
        return inBlocks / block.length * marks.length;
    }

    /** Puts the bytes of the stream from this offset on, until the buffer is full or the stream ends. */
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

    /** The end of the part with the byte at this offset: the opening, a block or the closing. */
    long endOfPart(long offset) {
        if (offset < opening.length) {
            return opening.length;
        }
        long inBlocks = offset - opening.length;
        return inBlocks < blocksLength ? opening.length + (inBlocks / block.length + 1) * block.length : length();
    }

    /** The number of these bytes, from the first on, that equal the stream's bytes from this offset on. */
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

    /** The part with the byte at this offset, with its numbers filled in; the byte's index in it is {@link #at}. */
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
