/**
 * {@code java -jar sluice.war}: the WAR served by a Jetty of its own. These classes lie at the WAR's root, where a JVM
 * finds them and no container looks; the application knows nothing of them.
 */
@NullMarked
package dev.sluice.standalone;

import org.jspecify.annotations.NullMarked;
