/** An upstream of our own that speaks the dialect in real HTTP bytes, for when there is no key. */
@NullMarked
package dev.sluice.simulator;

import org.jspecify.annotations.NullMarked;
