package dev.sluice.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** Writes the tokens of paced streams when they are due, and keeps how late it was. Confined to the server's thread. */
final class Pacer {
    /** Of tokens that are due at once, before others get a turn. */
    private static final int MAX_AT_ONCE = 256;

    private record Due(long nanos, UpstreamConnection connection, PacedAnswer answer) {}

    private final PriorityQueue<Due> queue = new PriorityQueue<>((a, b) -> Long.compare(a.nanos, b.nanos));
    /** Have written their first token, and wait for the word. */
    private final List<Due> waiting = new ArrayList<>();

    private final Samples lateness = new Samples();

    /** The next token of this answer is to be written when it is due. */
    void add(UpstreamConnection connection, PacedAnswer answer) {
        if (answer.isScheduled()) {
            queue.add(new Due(answer.dueNanos(), connection, answer));
        } else {
            waiting.add(new Due(Long.MAX_VALUE, connection, answer));
        }
    }

    /**
     * All streams that wait are to go on from now.
     *
     * @return what now is
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

    /** Until a token is due: not above 0 if one is, {@code Long.MAX_VALUE} if there is none. */
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

    /** How late tokens were since this was asked last. */
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
