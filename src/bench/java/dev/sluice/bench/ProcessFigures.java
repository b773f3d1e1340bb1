package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** What the operating system counts for a process. */
final class ProcessFigures {
    private ProcessFigures() {}

    /** CPU time, user's and system's, of the process and those that it has started and that still run. */
    static Duration cpu(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants())
                .map(each -> each.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }

    static Duration cpu(long pid) {
        return ProcessHandle.of(pid).map(ProcessFigures::cpu).orElse(Duration.ZERO);
    }

    /** The most memory that the process has had in RAM, in bytes; only Linux tells. */
    static OptionalLong peakResidentBytes(long pid) {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst();
        } catch (IOException notLinux) {
            return OptionalLong.empty();
        }
    }
}
