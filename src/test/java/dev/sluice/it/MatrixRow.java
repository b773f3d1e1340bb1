package dev.sluice.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The results of {@link ContractIT} for one container: a row of {@code target/matrix.md}. Confined to one thread. */
final class MatrixRow {
    private static final String HEAD = """
            | container | starts in | tokens one by one | runs ahead of a stalled client | a broken answer | \
            client gone, tokens flow (reset / closed) | client gone, silent (reset / closed; a heartbeat a second) | \
            undeployed |
            | --- | --- | --- | --- | --- | --- | --- | --- |
            """;

    private final Product product;
    private final Map<Leave, Duration> flowing = new EnumMap<>(Leave.class);
    private final Map<Leave, Duration> silent = new EnumMap<>(Leave.class);
    private Duration start = Duration.ZERO;
    private boolean incremental;
    private long stallBytes;
    private @Nullable Boolean breaksOff;
    private @Nullable Boolean unloaded;

    MatrixRow(Product product) {
        this.product = product;
    }

    void startsIn(Duration time) {
        start = time;
    }

    void incremental() {
        incremental = true;
    }

    void stallBytes(long bytes) {
        stallBytes = bytes;
    }

    void breaksOff(boolean connection) {
        breaksOff = connection;
    }

    void cancelled(Leave how, boolean inSilence, Duration after) {
        (inSilence ? silent : flowing).put(how, after);
    }

    void undeployed(boolean classes) {
        unloaded = classes;
    }

    /** Adds the row to the file. */
    void write() throws IOException {
        Path rows = Files.createDirectories(Path.of(ServerProcess.property("test.matrix")));
        Files.writeString(rows.resolve(product.name()), row());
        StringBuilder all = new StringBuilder(HEAD);
        for (Product each : Product.values()) {
            Path file = rows.resolve(each.name());
            if (Files.exists(file)) {
                all.append(Files.readString(file));
            }
        }
        Files.writeString(rows.resolveSibling("matrix.md"), all);
        System.out.print(row());
    }

    private String row() {
        List<String> cells = new ArrayList<>();
        cells.add(product.label());
        cells.add("%.1f s".formatted(start.toMillis() / 1e3));
        cells.add(incremental ? "yes" : "**no**");
        cells.add(stallBytes == 0 ? "?" : "%.1f MB".formatted(stallBytes / 1e6));
        cells.add(breaksOff == null ? "?" : breaksOff ? "event, connection broken off" : "event, clean end");
        cells.add(latencies(flowing));
        cells.add(latencies(silent));
        cells.add(
                !product.undeploys()
                        ? "–"
                        : unloaded == null ? "**no**" : unloaded ? "nothing left" : "no thread left, classes held");
        return "| " + String.join(" | ", cells) + " |\n";
    }

    private static String latencies(Map<Leave, Duration> after) {
        List<String> each = new ArrayList<>();
        for (Leave how : Leave.values()) {
            Duration time = after.get(how);
            each.add(time == null ? "?" : String.format(Locale.ROOT, "%d ms", time.toMillis()));
        }
        return String.join(" / ", each);
    }
}
