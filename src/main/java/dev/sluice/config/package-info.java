/** One immutable tree of settings and the one reader of it. */
@NullMarked
package dev.sluice.config;

import org.jspecify.annotations.NullMarked;
