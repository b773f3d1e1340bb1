/** The start and the stop of the application; creates all objects from the settings. */
@NullMarked
package dev.sluice.app;

import org.jspecify.annotations.NullMarked;
