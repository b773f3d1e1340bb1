package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * CPU time as the operating system counts it, in its ticks of 10 ms.
 *
 * @param user in the process's own code, in microseconds
 * @param system in the kernel, for the process
 */
record CpuTime(double user, double system) {
    static final CpuTime NONE = new CpuTime(0, 0);

    /** Of Linux's {@code /proc}, on every architecture. */
    private static final double TICK_MICROS = 10_000;

    private static final int USER = 11;
    private static final int SYSTEM = 12;

    /** Of a process and of those that it has started and that still run. */
    static CpuTime of(long pid) {
        return ProcessHandle.of(pid).stream()
                .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                .map(process -> read(Path.of("/proc", Long.toString(process.pid()), "stat")))
                .reduce(NONE, CpuTime::plus);
    }

    double total() {
        return user + system;
    }

    CpuTime plus(CpuTime other) {
        return new CpuTime(user + other.user, system + other.system);
    }

    CpuTime minus(CpuTime other) {
        return new CpuTime(user - other.user, system - other.system);
    }

    /** @param stat a line of {@code /proc/<pid>/stat}, in which the program's name may hold anything */
    static CpuTime parse(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return new CpuTime(Long.parseLong(fields[USER]) * TICK_MICROS, Long.parseLong(fields[SYSTEM]) * TICK_MICROS);
    }

    private static CpuTime read(Path stat) {
        try {
            return parse(Files.readString(stat));
        } catch (IOException hasEnded) {
            return NONE;
        }
    }
}
