/** The settings: one immutable tree of records, and its reader, which combines all sources. */
@NullMarked
package dev.sluice.config;

import org.jspecify.annotations.NullMarked;
