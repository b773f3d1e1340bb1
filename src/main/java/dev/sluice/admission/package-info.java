/**
 * Decides whether a request may be passed on to an upstream. This is the only step between the request and the upstream
 * that may take time.
 */
@NullMarked
package dev.sluice.admission;

import org.jspecify.annotations.NullMarked;
