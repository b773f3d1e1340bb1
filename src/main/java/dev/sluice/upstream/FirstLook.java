package dev.sluice.upstream;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/**
 * An answer whose content type is not the one that was asked for: its first bytes tell what it is, as they do to SDKs.
 * Servers send good events as {@code text/plain}, and good JSON as anything. Called by the client's threads, one at a
 * time.
 */
final class FirstLook {
    /** What an answer turns out to be. */
    enum Sight {
        /** Too little has come. */
        UNKNOWN,
        EVENTS,
        JSON,
        OTHER
    }

    /** Hears once what the answer is, with all of its content. */
    interface Reader {
        void seen(Sight sight, Content.Source content);
    }

    /** White space, or half a field's name, is no longer. */
    private static final int ENOUGH = 64 * 1024;

    /** The fields of events, and what each begins with that is none: a comment. */
    private static final String[] FIELDS = {"data", "event", "id", "retry"};

    private final Content.Source source;
    private final Reader reader;
    private final Runnable onAvailable = Invocable.from(Invocable.InvocationType.NON_BLOCKING, this::take);
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    FirstLook(Content.Source source, Reader reader) {
        this.source = source;
        this.reader = reader;
    }

    /** Reads what is at hand, and then whenever there is more. */
    void take() {
        while (true) {
            Content.Chunk chunk = source.read();
            if (chunk == null) {
                source.demand(onAvailable);
                return;
            }
            if (Content.Chunk.isFailure(chunk)) {
                reader.seen(Sight.OTHER, new Seen(source, bytes.toByteArray(), chunk));
                return;
            }
            byte[] copy = new byte[chunk.remaining()];
            chunk.getByteBuffer().get(copy);
            boolean last = chunk.isLast();
            chunk.release();
            bytes.writeBytes(copy);
            Sight sight = at(bytes.toByteArray());
            if (sight != Sight.UNKNOWN || last || bytes.size() > ENOUGH) {
                Content.Chunk end = last ? Content.Chunk.EOF : null;
                reader.seen(sight == Sight.UNKNOWN ? Sight.OTHER : sight, new Seen(source, bytes.toByteArray(), end));
                return;
            }
        }
    }

    /** What begins so. */
    static Sight at(byte[] bytes) {
        int from = 0;
        if (bytes.length > 0 && (bytes[0] & 0xff) == 0xef) { // a byte order mark
            if (bytes.length < 3) {
                return Sight.UNKNOWN;
            }
            from = 3;
        }
        while (from < bytes.length && isBlank(bytes[from])) {
            from++;
        }
        if (from == bytes.length) {
            return Sight.UNKNOWN;
        }
        return switch (bytes[from]) {
            case '{', '[' -> Sight.JSON;
            case ':' -> Sight.EVENTS;
            default -> field(bytes, from);
        };
    }

    private static Sight field(byte[] bytes, int from) {
        Sight sight = Sight.OTHER;
        for (String field : FIELDS) {
            int i = 0;
            while (i < field.length() && from + i < bytes.length && bytes[from + i] == field.charAt(i)) {
                i++;
            }
            if (from + i == bytes.length) {
                sight = Sight.UNKNOWN;
            } else if (i == field.length()
                    && (bytes[from + i] == ':' || bytes[from + i] == '\n' || bytes[from + i] == '\r')) {
                return Sight.EVENTS;
            }
        }
        return sight;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }

    /** All of the content, what was looked at first. One thread at a time reads, as of any source. */
    private static final class Seen implements Content.Source {
        private final Content.Source rest;
        private final Content.@Nullable Chunk end; // if it was reached
        private byte @Nullable [] first;

        Seen(Content.Source rest, byte[] first, Content.@Nullable Chunk end) {
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
