package dev.sluice.sse;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** No array is ever used by two objects at once. */
final class SpareArraysTest {
    @Test
    void take_anyOrder_neverGivesAnArrayToTwo() {
        var random = new Random(11);
        IdentityHashMap<byte[], Boolean> taken = new IdentityHashMap<>();
        for (int i = 0; i < 20_000; i++) {
            if (taken.size() < 5 && random.nextBoolean()) {
                int length = random.nextInt(100_000);
                byte[] array = SpareArrays.take(length);
                assertThat(array.length).isGreaterThanOrEqualTo(length);
                assertThat(taken.put(array, true))
                        .as("whether it was taken already")
                        .isNull();
            } else if (!taken.isEmpty()) {
                byte[] array = taken.keySet().iterator().next();
                taken.remove(array);
                SpareArrays.give(array);
            }
        }
    }

    @Test
    void give_manyOfAKind_keepsTheTwoLargestSmallAndTheTwoLargestLarge() throws Exception {
        CompletableFuture.runAsync(
                        () -> {
                            byte[] small = new byte[5_000];
                            byte[] large = new byte[60_000];
                            for (byte[] array : new byte[][] {
                                large,
                                new byte[4_000],
                                new byte[70_000],
                                small,
                                new byte[50_000],
                                new byte[60_000],
                                new byte[30_000]
                            }) {
                                SpareArrays.give(array);
                            }
                            assertThat(SpareArrays.take(100))
                                    .as("for a few bytes")
                                    .isSameAs(small);
                            assertThat(SpareArrays.take(100).length)
                                    .as("not a large one")
                                    .isLessThan(5_000);
                            assertThat(SpareArrays.take(20_000)).isSameAs(large);
                            assertThat(SpareArrays.take(20_000)).hasSize(60_000);
                            assertThat(SpareArrays.take(20_000)).as("a third").hasSize(20_000);
                        },
                        task -> new Thread(task).start())
                .get();
    }

    /** One thread runs them in turn: each continues where it was interrupted. */
    @Test
    void decodersAndEncoders_ofOneThread_doNotDisturbEachOther() {
        var random = new Random(5);
        for (int run = 0; run < 300; run++) {
            List<Stream> streams = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                streams.add(new Stream((char) ('a' + i), random));
            }
            while (streams.stream().anyMatch(stream -> !stream.isOver())) {
                streams.get(random.nextInt(streams.size())).goOn();
            }
            for (Stream stream : streams) {
                assertThat(stream.came.toString()).as("run %d", run).isEqualTo(stream.expected.toString());
            }
        }
    }

    /** Random events whose text is one repeated letter, decoded in random pieces and passed on by an encoder. */
    private static final class Stream {
        final StringBuilder expected = new StringBuilder();
        final StringBuilder came = new StringBuilder();
        private final Random random;
        private final SseDecoder decoder = new SseDecoder(1 << 20);
        private final SseEncoder encoder = new SseEncoder();
        private final byte[] wire;
        private int at;

        Stream(char letter, Random random) {
            this.random = random;
            int events = random.nextInt(20);
            for (int i = 0; i < events; i++) {
                String text = String.valueOf(letter).repeat(1 + random.nextInt(random.nextInt(9) == 0 ? 20_000 : 300));
                expected.append("data: ")
                        .append(text)
                        .append(random.nextInt(5) == 0 ? "\ndata: more" : "")
                        .append("\n\n");
            }
            wire = expected.toString().getBytes(US_ASCII);
        }

        boolean isOver() {
            return at == wire.length && encoder.length() == 0;
        }

        void goOn() {
            int length = Math.min(wire.length - at, random.nextInt(6_000));
            decoder.feed(ByteBuffer.wrap(wire, at, length));
            at += length;
            while (decoder.next() == SseDecoder.Next.EVENT) {
                encoder.event(decoder.text());
            }
            if (at == wire.length || random.nextBoolean()) { // otherwise the client takes nothing for now
                came.append(new String(encoder.array(), 0, encoder.length(), US_ASCII));
                encoder.release();
            }
        }
    }
}
