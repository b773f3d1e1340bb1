/**
 * What our own code costs for each event, without network, container or relay: {@code mvn -Pmicro} runs it (JMH). The
 * translators' benchmark is in their package.
 */
@NullMarked
package dev.sluice.bench.micro;

import org.jspecify.annotations.NullMarked;
