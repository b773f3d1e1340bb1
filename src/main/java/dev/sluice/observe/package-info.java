/** What operators are told of streams: numbers, and a line of the log for each. */
@NullMarked
package dev.sluice.observe;

import org.jspecify.annotations.NullMarked;
