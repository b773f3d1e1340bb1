package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The parsers of the kernel's files. */
final class MachineFiguresTest {
    @Test
    void stat_ofAProgramWithSpacesAndBrackets_isUnderstood() {
        String stat = "42 (a) b (c)) S 1 42 42 0 -1 4194304 100 0 0 0 123 45 6 7 20 0 9 0 4711 1000 10\n";
        assertThat(CpuTime.parse(stat)).isEqualTo(new CpuTime(1_230_000, 450_000));
    }

    @Test
    void cpuTime_less_isEachLess() {
        CpuTime spent = new CpuTime(50, 30).minus(new CpuTime(20, 10));
        assertThat(spent).isEqualTo(new CpuTime(30, 20));
        assertThat(spent.total()).isEqualTo(50);
    }

    @Test
    void rollup_pss_isInBytes() throws IOException {
        assertThat(Memory.parse(
                        "5581-7ffd ---p 00000000 00:00 0 [rollup]\nRss:  900 kB\nPss:   12 kB\nPss_Anon: 3 kB\n"))
                .isEqualTo(12 * 1024.0);
        assertThatThrownBy(() -> Memory.parse("")).isInstanceOf(IOException.class);
    }
}
