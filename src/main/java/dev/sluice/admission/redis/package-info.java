/**
 * Counts together with other nodes, in a Redis that they share. Only this package knows Lettuce, and it is loaded only if the
 * settings have such a store.
 */
@NullMarked
package dev.sluice.admission.redis;

import org.jspecify.annotations.NullMarked;
