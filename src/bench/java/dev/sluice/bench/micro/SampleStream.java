package dev.sluice.bench.micro;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.sse.SseDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A stream of a provider that is decoded repeatedly: one of the tests' captures, or {@link #TOKENS}.
 */
public final class SampleStream {
    /** Events of tokens only, as OpenAI writes them in a long answer. */
    public static final String TOKENS = "tokens";

    private static final int MANY = 256;
    private static final int LONGEST = 1 << 20;

    /** Texts with the usual lengths of a model's tokens; every 16th has a character that JSON escapes. */
    private static final List<String> WORDS = List.of(
            " the",
            " of",
            " a",
            "ing",
            " streams",
            ",",
            " token",
            " and",
            " gate",
            "way",
            " café",
            " is",
            ".",
            " For",
            " 3",
            " said\\n\\n");

    private final byte[] wire;

    private SampleStream(byte[] wire) {
        this.wire = wire;
    }

    /** The stream of this name: a capture's name without its extension, or {@link #TOKENS}. */
    public static SampleStream of(String name) {
        return new SampleStream(name.equals(TOKENS) ? tokens() : capture(name));
    }

    /** The whole stream. */
    public byte[] wire() {
        return wire;
    }

    /** The stream in pieces of this many bytes; the last one may be shorter. */
    public ByteBuffer[] pieces(int bytes) {
        List<ByteBuffer> pieces = new ArrayList<>();
        for (int from = 0; from < wire.length; from += bytes) {
            pieces.add(ByteBuffer.wrap(Arrays.copyOfRange(wire, from, Math.min(wire.length, from + bytes))));
        }
        return pieces.toArray(ByteBuffer[]::new);
    }

    /** The stream with one event in each piece, and the lines before it, as providers write it. */
    public ByteBuffer[] events() {
        List<ByteBuffer> events = new ArrayList<>();
        SseDecoder decoder = decoder();
        while (decoder.next() == SseDecoder.Next.EVENT) {
            int from = decoder.asideOffset();
            int to = decoder.eventOffset() + decoder.eventLength();
            events.add(ByteBuffer.wrap(Arrays.copyOfRange(decoder.wire(), from, to)));
        }
        return events.toArray(ByteBuffer[]::new);
    }

    /** The data of its events. */
    public byte[][] data() {
        List<byte[]> data = new ArrayList<>();
        SseDecoder decoder = decoder();
        while (decoder.next() == SseDecoder.Next.EVENT) {
            data.add(decoder.text().getBytes(UTF_8));
        }
        return data.toArray(byte[][]::new);
    }

    private SseDecoder decoder() {
        SseDecoder decoder = new SseDecoder(LONGEST);
        decoder.feed(ByteBuffer.wrap(wire));
        return decoder;
    }

    private static byte[] tokens() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < MANY; i++) {
            text.append("data: {\"id\":\"chatcmpl-BqX2mVd8JkR7uT4wYz1Nc5Hf9Lp0e\",\"object\":\"chat.completion.chunk\","
                            + "\"created\":1760000000,\"model\":\"gpt-4o-2024-08-06\",\"service_tier\":\"default\","
                            + "\"system_fingerprint\":\"fp_c7a156cce7\","
                            + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"")
                    .append(WORDS.get(i % WORDS.size()))
                    .append("\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n");
        }
        return text.toString().getBytes(UTF_8);
    }

    private static byte[] capture(String name) {
        try (InputStream file = SampleStream.class.getResourceAsStream("/captures/" + name + ".sse")) {
            if (file == null) {
                throw new IllegalArgumentException(
                        "No such stream: " + name + "; it is " + TOKENS + " or a file of src/test/resources/captures");
            }
            return file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
