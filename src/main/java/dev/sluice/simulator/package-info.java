/**
 * The simulator: a built-in provider that answers in several API dialects.
 *
 * <p>{@code Simulator} parses a request body to a {@code Question} and finds its {@code Model}. The model's {@code Script}
 * says what is sent, and when; an {@code AnswerWriter} writes
 * it in the request's dialect. {@code SimulatedUpstream} is the response that one stream reads.
 */
@NullMarked
package dev.sluice.simulator;

import org.jspecify.annotations.NullMarked;
