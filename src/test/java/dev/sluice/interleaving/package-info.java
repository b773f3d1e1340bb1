/** Tries the orders in which threads can take their steps. */
@NullMarked
package dev.sluice.interleaving;

import org.jspecify.annotations.NullMarked;
