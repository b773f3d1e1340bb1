package dev.sluice.dialect;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * A prompt of {@code /chat} as a dialect writes it: JSON in UTF-8.
 *
 * @param dialect writes it
 */
public record PromptBody(ChatDialect dialect, Prompt prompt) {
    /** How many bytes it has: a prompt of control characters becomes six times as long. */
    public int size() {
        Counter counter = new Counter();
        write(counter);
        return counter.count;
    }

    /**
     * It in an array that is no larger.
     *
     * @param size the one that {@link #size} has told
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

    /** Only counts what is written. Confined to one thread. */
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
