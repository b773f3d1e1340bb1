/**
 * A provider of our own, for when there is no key: it makes up responses in the bytes of OpenAI's chat completions.
 *
 * <p>{@code Simulator} reads the {@code Question} that a request's body asks and finds the {@code Model}. Its {@code Script}
 * says what is sent and when; {@code SimulatedUpstream} has one stream read it.
 */
@NullMarked
package dev.sluice.simulator;

import org.jspecify.annotations.NullMarked;
