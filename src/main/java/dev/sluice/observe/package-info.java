/** The metrics and the usage log: they listen to streams. */
@NullMarked
package dev.sluice.observe;

import org.jspecify.annotations.NullMarked;
