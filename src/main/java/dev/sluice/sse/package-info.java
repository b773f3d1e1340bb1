/** Reads and writes Server-Sent Events, by the WHATWG HTML Standard, section 9.2. */
@NullMarked
package dev.sluice.sse;

import org.jspecify.annotations.NullMarked;
