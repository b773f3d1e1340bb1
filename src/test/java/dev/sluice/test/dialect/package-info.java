/** An invented API dialect. It shows what is needed to add one. */
@NullMarked
package dev.sluice.test.dialect;

import org.jspecify.annotations.NullMarked;
