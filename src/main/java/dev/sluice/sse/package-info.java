/** The wire format of Server-Sent Events, both ways: WHATWG HTML, section 9.2. */
@NullMarked
package dev.sluice.sse;

import org.jspecify.annotations.NullMarked;
