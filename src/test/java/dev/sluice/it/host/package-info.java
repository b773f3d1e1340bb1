/** The classes of a host application, which are copied into its WAR. */
@NullMarked
package dev.sluice.it.host;

import org.jspecify.annotations.NullMarked;
