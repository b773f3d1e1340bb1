package dev.sluice.bench;

/** A row of a table: a peer, and the endpoint that is measured. */
record Subject(String peer, MeasuredApi dialect) {
    static boolean isSluice(String peer) {
        return peer.startsWith("sluice");
    }

    boolean isSluice() {
        return isSluice(peer);
    }

    String title() {
        return isSluice() ? peer + " " + dialect.path() : peer;
    }
}
