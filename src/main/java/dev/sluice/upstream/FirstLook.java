package dev.sluice.upstream;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/**
 * Detects the kind of a response by its first bytes if its content type is not the expected one: some servers send events
 * as {@code text/plain}, and JSON with any type. Jetty's client threads call it, one at a time.
 */
final class FirstLook {
    /** The kind of a response. */
    enum Kind {
        /** Too few bytes have arrived. */
        UNKNOWN,
        EVENTS,
        JSON,
        OTHER
    }

    /** Gets the kind of the response once, with its whole content. */
    interface Reader {
        void detected(Kind kind, Content.Source content);
    }

    /** After this many bytes without a decision the kind is OTHER. */
    private static final int MOST_BYTES = 64 * 1024;

    /** The names of the fields of an event (WHATWG HTML, section 9.2.6). */
    private static final String[] FIELDS = {"data", "event", "id", "retry"};

    private final Content.Source source;
    private final Reader reader;
    private final Runnable onAvailable = Invocable.from(Invocable.InvocationType.NON_BLOCKING, this::take);
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    FirstLook(Content.Source source, Reader reader) {
        this.source = source;
        this.reader = reader;
    }

    /** Reads the bytes that are there, and then those that arrive. */
    void take() {
        while (true) {
            Content.Chunk chunk = source.read();
            if (chunk == null) {
                source.demand(onAvailable);
                return;
            }
            if (Content.Chunk.isFailure(chunk)) {
                reader.detected(Kind.OTHER, new Whole(source, bytes.toByteArray(), chunk));
                return;
            }
            byte[] copy = new byte[chunk.remaining()];
            chunk.getByteBuffer().get(copy);
            boolean last = chunk.isLast();
            chunk.release();
            bytes.writeBytes(copy);
            Kind kind = of(bytes.toByteArray());
            if (kind != Kind.UNKNOWN || last || bytes.size() > MOST_BYTES) {
                Content.Chunk end = last ? Content.Chunk.EOF : null;
                reader.detected(kind == Kind.UNKNOWN ? Kind.OTHER : kind, new Whole(source, bytes.toByteArray(), end));
                return;
            }
        }
    }

    /** The kind of a response that begins with these bytes. */
    static Kind of(byte[] bytes) {
        int from = 0;
        if (bytes.length > 0 && (bytes[0] & 0xff) == 0xef) { // a byte order mark
            if (bytes.length < 3) {
                return Kind.UNKNOWN;
            }
            from = 3;
        }
        while (from < bytes.length && isBlank(bytes[from])) {
            from++;
        }
        if (from == bytes.length) {
            return Kind.UNKNOWN;
        }
        return switch (bytes[from]) {
            case '{', '[' -> Kind.JSON;
            case ':' -> Kind.EVENTS; // a comment
            default -> field(bytes, from);
        };
    }

    private static Kind field(byte[] bytes, int from) {
        Kind kind = Kind.OTHER;
        for (String field : FIELDS) {
            int i = 0;
            while (i < field.length() && from + i < bytes.length && bytes[from + i] == field.charAt(i)) {
                i++;
            }
            if (from + i == bytes.length) {
                kind = Kind.UNKNOWN;
            } else if (i == field.length()
                    && (bytes[from + i] == ':' || bytes[from + i] == '\n' || bytes[from + i] == '\r')) {
                return Kind.EVENTS;
            }
        }
        return kind;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }

    /** The whole content: the bytes that have been read, then the rest. One thread at a time reads, as of any source. */
    private static final class Whole implements Content.Source {
        private final Content.Source rest;
        private final Content.@Nullable Chunk end; // the last chunk, if it has been read
        private byte @Nullable [] first; // null once it has been read

        Whole(Content.Source rest, byte[] first, Content.@Nullable Chunk end) {
            this.rest = rest;
            this.first = first.length == 0 ? null : first;
            this.end = end;
        }

        @Override
        public Content.@Nullable Chunk read() {
            byte[] bytes = first;
            if (bytes != null) {
                first = null;
                return Content.Chunk.from(ByteBuffer.wrap(bytes), false);
            }
            return end != null ? end : rest.read();
        }

        @Override
        public void demand(Runnable callback) {
            if (first != null || end != null) {
                callback.run();
            } else {
                rest.demand(callback);
            }
        }

        @Override
        public void fail(Throwable cause) {
            rest.fail(cause);
        }
    }
}
