/**
 * What the product costs, measured from outside: an upstream that is never the bottleneck, the gateway as it ships, and
 * a client that checks every token, each in a process of its own. Containers are those of the integration tests.
 *
 * <p>A further gateway to compare with is a {@link dev.sluice.bench.Peer}; a further way to load it is a
 * {@link dev.sluice.bench.Scenario}.
 */
@NullMarked
package dev.sluice.bench;

import org.jspecify.annotations.NullMarked;
