/** Of an application that has Sluice as a guest; copied into its WAR. */
@NullMarked
package dev.sluice.it.host;

import org.jspecify.annotations.NullMarked;
