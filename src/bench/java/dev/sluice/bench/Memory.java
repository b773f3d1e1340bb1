package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The memory of processes, as the operating system counts it. */
final class Memory {
    private static final double KIBIBYTE = 1 << 10;

    private Memory() {}

    /**
     * The proportional set size of a peer's process and its children in bytes: pages that several processes share are
     * counted by their share. 0 if it has no process.
     */
    static double pss(Peer peer) throws IOException {
        return peer.process().isPresent() ? pss(peer.process().get().pid()) : 0;
    }

    private static double pss(long pid) throws IOException {
        ProcessHandle process =
                ProcessHandle.of(pid).orElseThrow(() -> new IOException("Process " + pid + " has ended"));
        double sum = 0;
        for (ProcessHandle each :
                Stream.concat(Stream.of(process), process.descendants()).toList()) {
            sum += parse(Files.readString(Path.of("/proc", Long.toString(each.pid()), "smaps_rollup")));
        }
        return sum;
    }

    /** @param rollup the text of {@code /proc/<pid>/smaps_rollup} */
    static double parse(String rollup) throws IOException {
        return rollup.lines()
                        .filter(line -> line.startsWith("Pss:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElseThrow(() -> new IOException("No PSS is told: " + rollup))
                * KIBIBYTE;
    }
}
