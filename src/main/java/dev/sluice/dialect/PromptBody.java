package dev.sluice.dialect;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * The request body for a prompt of {@code /chat}: JSON in UTF-8.
 *
 * @param dialect the dialect that writes it
 */
public record PromptBody(ChatDialect dialect, Prompt prompt) {
    /** The size in bytes. It can be six times the prompt's, because control characters are escaped. */
    public int size() {
        Counter counter = new Counter();
        write(counter);
        return counter.count;
    }

    /**
     * The body in an array of exactly its size.
     *
     * @param size the result of {@link #size}
     */
    public byte[] json(int size) {
        byte[] json = new byte[size];
        ByteBuffer rest = ByteBuffer.wrap(json);
        write(new OutputStream() {
            @Override
            public void write(int octet) {
                rest.put((byte) octet);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                rest.put(bytes, offset, length);
            }
        });
        return json;
    }

    private void write(OutputStream bytes) {
        try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            dialect.write(prompt, json);
        }
    }

    /** Only counts the bytes. Used by one thread. */
    private static final class Counter extends OutputStream {
        private int count;

        @Override
        public void write(int octet) {
            count++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            count += length;
        }
    }
}
