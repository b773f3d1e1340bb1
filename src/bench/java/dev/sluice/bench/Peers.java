package dev.sluice.bench;

import java.io.IOException;
import java.net.URI;

/** The gateways that can be measured, by name. */
final class Peers {
    private Peers() {}

    /**
     * Starts one in front of an upstream; returns when it answers.
     *
     * @throws IOException if its program is absent
     */
    static Peer start(String name, Options options, URI upstream) throws IOException {
        return switch (name) {
            case "none" -> Peer.none(upstream);
            case "sluice" -> Peer.sluice("jetty", options, upstream);
            case "sluice-tomcat" -> Peer.sluice("tomcat", options, upstream);
            default -> throw new PeerAbsent(name + " is not known");
        };
    }
}
