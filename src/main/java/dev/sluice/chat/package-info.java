/** The parts of a completion, the same for all API dialects: request, pieces, usage, failure. */
@NullMarked
package dev.sluice.chat;

import org.jspecify.annotations.NullMarked;
