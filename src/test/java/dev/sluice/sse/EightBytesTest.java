package dev.sluice.sse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class EightBytesTest {
    /** The bytes next to those that are searched for, with and without the highest bit. */
    private static final int[] TRAPS = {0, 1, 9, 10, 11, 12, 13, 14, 31, 32, 33, 34, 35, 91, 92, 93, 126, 127, 128, 255
    };

    @Test
    void firstMark_amongAnyBytes_isAtTheFirstOneWanted() {
        for (int seed = 0; seed < 20_000; seed++) {
            byte[] bytes = bytes(new Random(seed));
            long eight = EightBytes.at(bytes, 3);

            assertFirst(bytes, EightBytes.equalTo('\n', eight), b -> b == '\n');
            assertFirst(bytes, EightBytes.equalTo('"', eight), b -> b == '"');
            assertFirst(bytes, EightBytes.equalTo('\\', eight), b -> b == '\\');
            assertFirst(bytes, EightBytes.below(' ', eight), b -> b >= 0 && b < ' ');
            assertFirst(bytes, EightBytes.nonAscii(eight), b -> b < 0);
            assertFirst(
                    bytes,
                    EightBytes.equalTo('\n', eight) | EightBytes.equalTo('\r', eight),
                    b -> b == '\n' || b == '\r');
        }
    }

    private static void assertFirst(byte[] bytes, long marks, IntPredicate wanted) {
        int first = 0;
        while (first < 8 && !wanted.test(bytes[3 + first])) {
            first++;
        }
        assertThat(marks == 0 ? 8 : EightBytes.first(marks)).as("in %s", bytes).isEqualTo(first);
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[12];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (random.nextBoolean() ? TRAPS[random.nextInt(TRAPS.length)] : random.nextInt(256));
        }
        return bytes;
    }
}
