/** Whether a request may be passed on to an upstream: the one step of its way that may have to wait for an answer. */
@NullMarked
package dev.sluice.admission;

import org.jspecify.annotations.NullMarked;
