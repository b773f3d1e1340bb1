package dev.sluice.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Streams that are open and say next to nothing. */
final class HeldLoad {
    private HeldLoad() {}

    /**
     * Streams of one token and, after the upstream was told to begin, one every so many nanoseconds.
     *
     * @param from the first one's number
     */
    static List<Order> slow(int from, int streams, long every) {
        Order.Pace pace = new Order.Pace(every, every);
        return orders(streams, stream -> new Order(from + stream, 1_000, pace, 0));
    }

    /** Streams of one token, if the upstream is never told to begin. */
    static List<Order> silent(int streams) {
        return slow(0, streams, 1);
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
