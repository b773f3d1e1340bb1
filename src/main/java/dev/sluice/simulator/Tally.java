package dev.sluice.simulator;

/**
 * The token counts of an answer.
 *
 * @param content the number of tokens of the answer
 * @param reasoning the number of tokens of the reasoning
 * @param cutShort whether the client's limit has ended the answer
 */
record Tally(int content, int reasoning, boolean cutShort) {
    String finishReason() {
        return cutShort ? "length" : "stop";
    }
}
