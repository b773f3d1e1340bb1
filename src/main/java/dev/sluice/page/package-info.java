/** The servlet and the filter of the chat page: its files and their headers. */
@NullMarked
package dev.sluice.page;

import org.jspecify.annotations.NullMarked;
