package dev.sluice.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** The orders of streams that are open with hardly any tokens. */
final class HeldLoad {
    private HeldLoad() {}

    /**
     * Streams with one token. After the upstream was told to begin, a further token follows at this interval in nanoseconds.
     *
     * @param from the number of the first stream
     */
    static List<Order> slow(int from, int streams, long every) {
        Order.Pace pace = new Order.Pace(every, every);
        return orders(streams, stream -> new Order(from + stream, 1_000, pace, 0));
    }

    /** Streams with one token; the upstream must not be told to begin. */
    static List<Order> silent(int streams) {
        return slow(0, streams, 1);
    }

    /** Streams at full speed, with the largest number of tokens. */
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
