/** The files of the page, and their headers. */
@NullMarked
package dev.sluice.page;

import org.jspecify.annotations.NullMarked;
