/** An API dialect that nobody speaks: what it takes to add one. */
@NullMarked
package dev.sluice.test.dialect;

import org.jspecify.annotations.NullMarked;
