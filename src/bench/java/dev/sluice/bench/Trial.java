package dev.sluice.bench;

import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * One measurement of one peer.
 *
 * @param upstream the running upstream
 * @param tally counts all streams of the trial, those of the warm-up too
 * @param titles gets the name of each peer that is started, with its title
 */
record Trial(
        BenchOptions options,
        Subject subject,
        Upstream upstream,
        Tally tally,
        Consumer<Map.Entry<String, String>> titles) {
    /** Starts the peer in a new process. */
    Peer start() throws IOException {
        Peer peer = Peers.start(subject.peer(), options, upstream.base());
        titles.accept(Map.entry(subject.peer(), peer.title()));
        return peer;
    }

    /** A client of the peer with one stream after the other on each connection. */
    LoadClient client(Peer peer, int tokens) throws IOException {
        return new LoadClient(peer.base(), subject.dialect(), tokens, tally);
    }

    /** A client of the peer with streams that are all open at once. */
    Crowd crowd(Peer peer) throws IOException {
        return new Crowd(peer.base(), subject.dialect(), tally);
    }

    /** Checks for streams whose tokens contain the time of their write; {@code stamps} gets each time. */
    Function<Order, Check> stamped(LongConsumer stamps) {
        StampedText text = StampedText.of(subject.dialect().answer(1).block());
        return order -> new StampedReception(order, subject.dialect().answer(order.tokens()), text, stamps);
    }

    /** Checks for paced streams and for those at full speed. */
    Function<Order, Check> checked() {
        Function<Order, Check> stamped = stamped(stamp -> {});
        return order -> order.pace() != null
                ? stamped.apply(order)
                : new Reception(order, subject.dialect().answer(order.tokens()));
    }

    /** The CPU time of the peer and its children so far; {@link CpuTime#NONE} if it has no process. */
    static CpuTime cpu(Peer peer) {
        return peer.process().map(process -> CpuTime.of(process.pid())).orElse(CpuTime.NONE);
    }
}
