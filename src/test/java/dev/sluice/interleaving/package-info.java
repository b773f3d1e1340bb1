/** Runs threads in all orders of their steps. */
@NullMarked
package dev.sluice.interleaving;

import org.jspecify.annotations.NullMarked;
