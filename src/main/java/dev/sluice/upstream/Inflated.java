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
 * The decompressed content of a response in gzip (RFC 1952) or deflate (RFC 1950, or RFC 1951 without the zlib wrapper,
 * which some servers send). It reads from the network only when it is read, and returns bytes as soon as they are there.
 * It holds a copy of one chunk of the network and one buffer.
 *
 * <p>One thread at a time reads, as of any source; any thread may close it.
 */
final class Inflated implements Content.Source {
    /** The content does not have the format that {@code Content-Encoding} names. */
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

    /** The most chunks of the network that one read takes if they contain no content. */
    private static final int MOST_CHUNKS = 32;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Content.Source source;
    private final boolean gzip;
    private final byte[] scratch = new byte[PIECE];
    private final CRC32 checksum = new CRC32();
    private final GzipFrame frame = new GzipFrame();
    private final Object lock = new Object();

    // Guarded by the thread that reads.
    private State state = State.HEADER;
    private @Nullable ByteBuffer compressed; // a copy, so that the chunk is always released to its pool
    private boolean last; // whether it is the last chunk
    private boolean full; // whether the last piece filled the buffer, so that there may be more without further input
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

    /** Releases the native memory. Afterwards nothing can be read. */
    void close() {
        synchronized (lock) {
            closed = true;
            if (inflater != null) {
                inflater.end();
                inflater = null;
            }
        }
    }

    /** The next bytes from the current chunk, if there is one; null if it has no more. */
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
            return fail(new Malformed("The answer is not compressed as its Content-Encoding says", malformed));
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

    /** Fills {@link #scratch}; returns the number of bytes, 0 if the input has no more. */
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
                    state = State.HEADER; // of the next member, if there is one
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
