package dev.sluice.admission.redis;

/** What a script has returned: a word, and for scripts of accounts the levels after it. Immutable. */
final class Answer {
    /** The store does not know this connection, or not any more. */
    static final String UNKNOWN = "unknown";

    private static final double[] NOTHING = {};

    private final String word;
    private final long tokens;
    private final long streams;
    private final double[] spent;

    private Answer(String word, long tokens, long streams, double[] spent) {
        this.word = word;
        this.tokens = tokens;
        this.streams = streams;
        this.spent = spent;
    }

    /** @throws IllegalArgumentException if no script of ours returns this */
    static Answer of(String text) {
        String[] parts = text.split(" ", -1);
        if (parts.length < 3) {
            return new Answer(text, 0, 0, NOTHING);
        }
        double[] spent = new double[parts.length - 3];
        for (int i = 0; i < spent.length; i++) {
            spent[i] = Double.parseDouble(parts[i + 3]);
        }
        return new Answer(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]), spent);
    }

    String word() {
        return word;
    }

    /** The tokens that all nodes hold. */
    long tokens() {
        return tokens;
    }

    /** The streams that are open at all nodes. */
    long streams() {
        return streams;
    }

    /** What is spent of each limit, in their order. Not to be changed. */
    double[] spent() {
        return spent;
    }
}
