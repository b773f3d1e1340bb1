package dev.sluice.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** Writes the tokens of paced streams at their times, and records the delays. Confined to the server's thread. */
final class Pacer {
    /** The most due tokens that are written before other work is done. */
    private static final int MAX_AT_ONCE = 256;

    private record Due(long nanos, UpstreamConnection connection, PacedAnswer answer) {}

    private final PriorityQueue<Due> queue = new PriorityQueue<>((a, b) -> Long.compare(a.nanos, b.nanos));
    /** The streams that have written their first token and wait for {@link Journal#BEGIN}. */
    private final List<Due> waiting = new ArrayList<>();

    private final Samples lateness = new Samples();

    /** Schedules the next token of this response. */
    void add(UpstreamConnection connection, PacedAnswer answer) {
        if (answer.isScheduled()) {
            queue.add(new Due(answer.dueNanos(), connection, answer));
        } else {
            waiting.add(new Due(Long.MAX_VALUE, connection, answer));
        }
    }

    /**
     * Starts the schedule of all streams that wait.
     *
     * @return the current time
     */
    long begin() {
        long now = System.nanoTime();
        for (Due due : waiting) {
            due.answer.begin(now);
            add(due.connection, due.answer);
        }
        waiting.clear();
        return now;
    }

    /** The nanoseconds until a token is due: 0 or less if one is, {@code Long.MAX_VALUE} if there is none. */
    long nanosToNext() {
        Due first = queue.peek();
        if (first == null) {
            return Long.MAX_VALUE;
        }
        return first.nanos == Long.MIN_VALUE ? 0 : first.nanos - System.nanoTime();
    }

    void run() {
        for (int i = 0; i < MAX_AT_ONCE && nanosToNext() <= 0; i++) {
            Due due = queue.remove();
            if (due.connection.isAnswering(due.answer)) {
                write(due);
            }
        }
    }

    /** The delays of tokens since the last call. */
    Lateness lateness() {
        Lateness all = Lateness.of(lateness);
        lateness.clear();
        return all;
    }

    private void write(Due due) {
        long now = System.nanoTime();
        if (due.nanos != Long.MIN_VALUE) {
            lateness.add(now - due.nanos);
        }
        try {
            due.answer.write(now);
            due.connection.written();
        } catch (IOException peerLeft) {
            due.connection.close();
        }
    }
}
