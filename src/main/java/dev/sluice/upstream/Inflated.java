package dev.sluice.upstream;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * The content of an answer that came compressed with gzip (RFC 1952) or deflate (RFC 1950, or 1951 without its wrapper,
 * which some send). It reads on only when asked, and gives out what it has as soon as its bytes are there; it holds a copy
 * of one chunk of the network's and one piece of its own.
 *
 * <p>One thread at a time reads, as of any source; any may close.
 */
final class Inflated implements Content.Source {
    /** Not compressed as was said. */
    static final class Malformed extends IOException {
        private static final long serialVersionUID = 1;

        Malformed(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private enum State {
        HEADER,
        BODY,
        TRAILER,
        OVER
    }

    private static final int PIECE = 8 * 1024;

    /** What one read takes at most from the network without finding anything in it. */
    private static final int MOST_CHUNKS = 32;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Content.Source source;
    private final boolean gzip;
    private final byte[] scratch = new byte[PIECE];
    private final CRC32 checksum = new CRC32();
    private final GzipFrame frame = new GzipFrame();
    private final Object lock = new Object();

    // Guarded by whoever reads.
    private State state = State.HEADER;
    private @Nullable ByteBuffer compressed; // a copy: a chunk that nobody reads to its end would be lost to its pool
    private boolean last; // nothing comes behind it
    private boolean full; // the latest piece: more may follow without further input
    private Content.@Nullable Chunk failure;
    private boolean ended;

    // Guarded by the lock.
    private @Nullable Inflater inflater;
    private boolean closed;

    Inflated(Content.Source source, boolean gzip) {
        this.source = source;
        this.gzip = gzip;
    }

    @Override
    public Content.@Nullable Chunk read() {
        for (int chunks = 0; chunks < MOST_CHUNKS; ) {
            if (failure != null || ended) {
                return failure != null ? failure : Content.Chunk.EOF;
            }
            Content.Chunk piece = inflated();
            if (piece != null) {
                return piece;
            }
            Content.Chunk next = source.read();
            if (next == null) {
                return null;
            }
            chunks++;
            if (Content.Chunk.isFailure(next)) {
                failure = next;
                close();
                return next;
            }
            compressed = copy(next.getByteBuffer());
            last = next.isLast();
            next.release();
        }
        return Content.Chunk.from(NOTHING, false);
    }

    @Override
    public void demand(Runnable callback) {
        if (failure != null || ended || compressed != null || full) {
            callback.run();
        } else {
            source.demand(callback);
        }
    }

    @Override
    public void fail(Throwable cause) {
        close();
        source.fail(cause);
    }

    /** Gives back what lies outside the heap. Nothing is read any more. */
    void close() {
        synchronized (lock) {
            closed = true;
            if (inflater != null) {
                inflater.end();
                inflater = null;
            }
        }
    }

    /** What the chunk at hand, if any, still holds, at most a piece; null if it is used up. */
    private Content.@Nullable Chunk inflated() {
        try {
            ByteBuffer input = compressed == null ? NOTHING : compressed;
            int length = inflate(input);
            if (length > 0) {
                return Content.Chunk.from(ByteBuffer.wrap(Arrays.copyOf(scratch, length)), false);
            }
            compressed = null;
            return last ? end() : null;
        } catch (DataFormatException | Malformed malformed) {
            source.fail(malformed);
            return fail(new Malformed("The answer is not compressed as it says", malformed));
        }
    }

    private Content.Chunk end() {
        close();
        boolean whole = state == State.OVER || (gzip && state == State.HEADER && frame.isAtStart());
        if (!whole) {
            return fail(new EOFException("The compressed answer was cut short"));
        }
        ended = true;
        return Content.Chunk.EOF;
    }

    private Content.Chunk fail(IOException reason) {
        close();
        Content.Chunk chunk = Content.Chunk.from(reason);
        failure = chunk;
        return chunk;
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    }

    /** Bytes that are now in the scratch; 0 if the input is used up. */
    private int inflate(ByteBuffer input) throws DataFormatException, Malformed {
        while (true) {
            switch (state) {
                case HEADER -> {
                    if (!input.hasRemaining()) {
                        return 0;
                    }
                    if (gzip && !frame.readHeader(input)) {
                        return 0;
                    }
                    begin(input);
                }
                case BODY -> {
                    int length = inflateBody(input);
                    if (length > 0 || state == State.BODY) {
                        return length;
                    }
                }
                case TRAILER -> {
                    if (!frame.readTrailer(input, checksum.getValue())) {
                        return 0;
                    }
                    state = State.HEADER; // of another member, if more comes
                    checksum.reset();
                }
                case OVER -> {
                    input.position(input.limit());
                    return 0;
                }
            }
        }
    }

    private void begin(ByteBuffer input) {
        boolean bare = gzip || (input.get(input.position()) & 0x8f) != 0x08;
        synchronized (lock) {
            if (inflater == null && !closed) {
                inflater = new Inflater(bare);
            } else if (inflater != null) {
                inflater.reset();
            }
        }
        state = State.BODY;
    }

    private int inflateBody(ByteBuffer input) throws DataFormatException, Malformed {
        synchronized (lock) {
            Inflater bytes = inflater;
            if (bytes == null) {
                throw new Malformed("closed", null);
            }
            bytes.setInput(input);
            int length = bytes.inflate(scratch);
            full = length == scratch.length;
            if (bytes.needsDictionary()) {
                throw new Malformed("a dictionary is needed", null);
            }
            if (bytes.finished()) {
                state = gzip ? State.TRAILER : State.OVER;
                full = false;
            }
            checksum.update(scratch, 0, length);
            return length;
        }
    }
}
