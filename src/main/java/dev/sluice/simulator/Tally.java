package dev.sluice.simulator;

/**
 * What an answer came to.
 *
 * @param said tokens of the answer
 * @param thought tokens of reasoning
 * @param cutShort whether the client's limit ended it
 */
record Tally(int said, int thought, boolean cutShort) {
    String finishReason() {
        return cutShort ? "length" : "stop";
    }
}
