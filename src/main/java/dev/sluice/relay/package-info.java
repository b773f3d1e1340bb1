/** One stream: the loop that moves it, its clocks, its one end, and the ports to either side. */
@NullMarked
package dev.sluice.relay;

import org.jspecify.annotations.NullMarked;
