package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * CPU time of processes, as the operating system counts it in ticks of 10 ms.
 *
 * @param user the time in the process's own code, in microseconds
 * @param system the time in the kernel for the process, in microseconds
 */
record CpuTime(double user, double system) {
    static final CpuTime NONE = new CpuTime(0, 0);

    /** The tick of Linux's {@code /proc}, the same on every architecture. */
    private static final double TICK_MICROS = 10_000;

    private static final int USER = 11;
    private static final int SYSTEM = 12;

    /** The CPU time of a process and of its running descendants. */
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

    /** @param stat the line of {@code /proc/<pid>/stat}, in which the program's name may contain any character */
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
