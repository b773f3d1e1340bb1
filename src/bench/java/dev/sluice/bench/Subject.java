package dev.sluice.bench;

/** A row of a table: a peer, and what it is asked for. */
record Subject(String peer, Dialect dialect) {
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
