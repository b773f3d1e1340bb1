/**
 * An upstream of our own that speaks the dialect in real HTTP bytes, for when there is no key.
 *
 * <p>A request comes over a {@code MemoryPipe} to {@code Completions}, which reads the {@code Question}, finds the
 * {@code Model} and has its {@code Script} spoken, in the words of the {@code Dialect}, by a {@code SpokenStream}.
 */
@NullMarked
package dev.sluice.simulator;

import org.jspecify.annotations.NullMarked;
