package dev.sluice.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RatioTest {
    private static final long DAY = 86_400_000_000_000L;

    @Test
    void ratio_ofAnyThreeNumbers_isExact() {
        Random random = new Random(24);
        for (int round = 0; round < 1_000_000; round++) {
            long a = random.nextLong() >>> (4 + random.nextInt(60));
            long b = random.nextLong() >>> (17 + random.nextInt(47));
            long c = 1 + (random.nextLong() >>> (5 + random.nextInt(59)));
            BigInteger[] exact =
                    BigInteger.valueOf(a).multiply(BigInteger.valueOf(b)).divideAndRemainder(BigInteger.valueOf(c));
            if (exact[0].bitLength() > 61) {
                continue;
            }
            long floor = exact[0].longValueExact();
            assertThat(Ratio.floor(a, b, c)).as("%d * %d / %d", a, b, c).isEqualTo(floor);
            assertThat(Ratio.ceiling(a, b, c))
                    .as("%d * %d / %d, rounded up", a, b, c)
                    .isEqualTo(exact[1].signum() == 0 ? floor : floor + 1);
        }
    }

    @Test
    void ratio_thatFitsNoLong_isTheMost() {
        assertThat(Ratio.floor(1L << 60, DAY, 1)).isEqualTo(Ratio.MOST);
        assertThat(Ratio.ceiling(1L << 60, DAY, 1)).isEqualTo(Ratio.MOST);
        assertThat(Ratio.floor(Ratio.MOST, 1, 1)).isEqualTo(Ratio.MOST);
        assertThat(Ratio.floor(Ratio.MOST / 2, 1, 1)).isEqualTo(Ratio.MOST / 2);
    }
}
