/**
 * {@code java -jar sluice.war}: the WAR served by an embedded Jetty. These classes are at the WAR's root, where the JVM
 * finds them and a container does not. The application does not use them.
 */
@NullMarked
package dev.sluice.standalone;

import org.jspecify.annotations.NullMarked;
