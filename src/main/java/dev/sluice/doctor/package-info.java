/** A stream of our own making, paced by our own clock: what it looks like at its end tells what stands in between. */
@NullMarked
package dev.sluice.doctor;

import org.jspecify.annotations.NullMarked;
