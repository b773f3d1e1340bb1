package dev.sluice.bench;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Requests by which the bench controls the upstream and reads its measurements. Confined to the server's thread. */
final class Journal {
    /** Returns the {@link Lateness} of tokens since the last such request. */
    static final String LATENESS = "/bench/lateness";

    /** Starts the schedule of all paced streams; the response is the time. */
    static final String BEGIN = "/bench/begin";

    /** Returns a line for each stream at full speed: its number, and the bytes that its socket has accepted. */
    static final String WRITTEN = "/bench/written";

    /** Returns a line for each stream whose connection was closed before its end: its number, and the time of that. */
    static final String LEFT = "/bench/left";

    /** The times at which the connections of incomplete streams were closed. */
    private static final int KEPT = 1_000;

    private final Selector selector;
    private final Pacer pacer;
    private final Queue<String> left = new ArrayDeque<>();

    Journal(Selector selector, Pacer pacer) {
        this.selector = selector;
        this.pacer = pacer;
    }

    void leftEarly(int stream) {
        if (left.size() == KEPT) {
            left.remove();
        }
        left.add(stream + " " + System.nanoTime() + "\n");
    }

    /** The response to such a request; null for all other requests. */
    @Nullable
    String answer(String head) {
        if (head.startsWith("GET " + LATENESS + " ")) {
            return pacer.lateness().toString();
        }
        if (head.startsWith("GET " + BEGIN + " ")) {
            return Long.toString(pacer.begin());
        }
        if (head.startsWith("GET " + LEFT + " ")) {
            return String.join("", left);
        }
        return head.startsWith("GET " + WRITTEN + " ") ? written() : null;
    }

    private String written() {
        StringBuilder all = new StringBuilder();
        for (SelectionKey key : selector.keys()) {
            String progress = key.attachment() instanceof UpstreamConnection connection ? connection.progress() : null;
            if (progress != null) {
                all.append(progress);
            }
        }
        return all.toString();
    }
}
