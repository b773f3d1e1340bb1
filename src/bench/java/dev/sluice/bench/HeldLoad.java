package dev.sluice.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Streams that are open and say next to nothing. */
final class HeldLoad {
    /** Longer than any scenario. */
    private static final long NEVER_NANOS = 3_600_000_000_000L;

    private HeldLoad() {}

    /** Streams of one token, and then nothing. */
    static List<Order> silent(int streams) {
        Order.Pace pace = new Order.Pace(NEVER_NANOS, System.nanoTime() + NEVER_NANOS);
        return orders(streams, stream -> new Order(stream, 2, pace, 0));
    }

    /** Streams, numbered from one on, with a token every so many nanoseconds, the first at once. */
    static List<Order> slow(int from, int streams, long every) {
        Order.Pace pace = new Order.Pace(every, System.nanoTime() + every);
        return orders(streams, stream -> new Order(from + stream, (int) (NEVER_NANOS / every), pace, 0));
    }

    /** Streams as fast as they go, and as long as can be. */
    static List<Order> endless(int streams, int chunkTokens, int sendBuffer) {
        int tokens = StreamText.MAX_TOKENS / chunkTokens * chunkTokens;
        return orders(streams, stream -> new Order(stream, tokens, null, sendBuffer));
    }

    private static List<Order> orders(int streams, IntFunction<Order> order) {
        List<Order> all = new ArrayList<>();
        for (int stream = 0; stream < streams; stream++) {
            all.add(order.apply(stream));
        }
        return all;
    }
}
