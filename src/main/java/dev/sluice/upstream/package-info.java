/** Providers and the calls to them: routes, attempts, retries, lists of models, probes. */
@NullMarked
package dev.sluice.upstream;

import org.jspecify.annotations.NullMarked;
