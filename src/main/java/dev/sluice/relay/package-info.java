/** One stream: its loop, its timeouts, its end, and the interfaces to the client's and the provider's side. */
@NullMarked
package dev.sluice.relay;

import org.jspecify.annotations.NullMarked;
