package dev.sluice.bench;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** What the upstream has seen and is to do, for whoever asks it. Confined to the server's thread. */
final class Journal {
    /** How late tokens were since this was asked last: a {@link Lateness}. */
    static final String LATENESS = "/bench/lateness";

    /** Lets all paced streams go on; the answer is when that was. */
    static final String BEGIN = "/bench/begin";

    /** A line for each stream that flows as fast as it can: its number, and the bytes that its socket has taken. */
    static final String WRITTEN = "/bench/written";

    /** A line for each stream whose connection ended before it did: its number, and when that was seen. */
    static final String LEFT = "/bench/left";

    /** Of streams that were left early. */
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

    /** The answer to a request for one of these, or null if it is for something else. */
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
