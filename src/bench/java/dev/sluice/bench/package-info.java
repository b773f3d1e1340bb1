/**
 * The bench measures what Sluice and other gateways cost. An upstream that is never the bottleneck, the gateway as it is
 * delivered, and a client that checks every token run in a process each. The containers are those of the integration tests.
 *
 * <p>A further gateway to compare with is a {@link dev.sluice.bench.Peer}; a further way to load it is a
 * {@link dev.sluice.bench.Scenario}.
 */
@NullMarked
package dev.sluice.bench;

import org.jspecify.annotations.NullMarked;
