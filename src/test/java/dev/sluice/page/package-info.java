/** Tests of the page in real browsers, served by real containers. */
@NullMarked
package dev.sluice.page;

import org.jspecify.annotations.NullMarked;
