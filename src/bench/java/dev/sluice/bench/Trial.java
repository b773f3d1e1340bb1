package dev.sluice.bench;

import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * One measurement that is to be made.
 *
 * @param upstream that is running
 * @param tally of all streams of the trial, the warm-up's included: a fault is a fault
 * @param titles told of every peer that is started, by its name: its program and version
 */
record Trial(
        Options options, Subject subject, Upstream upstream, Tally tally, Consumer<Map.Entry<String, String>> titles) {
    /** Starts the peer, afresh. */
    Peer start() throws IOException {
        Peer peer = Peers.start(subject.peer(), options, upstream.base());
        titles.accept(Map.entry(subject.peer(), peer.title()));
        return peer;
    }

    /** A client of the peer with streams that come one after the other. */
    LoadClient client(Peer peer, int tokens) throws IOException {
        return new LoadClient(peer.base(), subject.dialect(), tokens, tally);
    }

    /** A client of the peer with streams that are all open at once. */
    Crowd crowd(Peer peer) throws IOException {
        return new Crowd(peer.base(), subject.dialect(), tally);
    }

    /** Checks for streams whose tokens are stamped; {@code stamps} is told of each. */
    Function<Order, Check> stamped(LongConsumer stamps) {
        StampedText text = StampedText.of(subject.dialect().answer(1).block());
        return order -> new StampedReception(order, subject.dialect().answer(order.tokens()), text, stamps);
    }

    /** Checks for streams of either kind. */
    Function<Order, Check> checked() {
        Function<Order, Check> stamped = stamped(stamp -> {});
        return order -> order.pace() != null
                ? stamped.apply(order)
                : new Reception(order, subject.dialect().answer(order.tokens()));
    }

    /** CPU time of the peer so far, its children's included; nothing if there is no process. */
    static CpuTime cpu(Peer peer) {
        return peer.process().map(process -> CpuTime.of(process.pid())).orElse(CpuTime.NONE);
    }
}
