package dev.sluice.chat;

/**
 * The longest answer that a plan allows for one request.
 *
 * @param plan the name of the plan, for messages
 * @param tokens those of all answers to the request together, 1 or more
 */
public record LongestAnswer(String plan, int tokens) {}
