/**
 * JMH benchmarks of the cost of one event in the decoder and the parsers, without network, container or relay. {@code mvn
 * -Pmicro} runs them. The benchmark of the translators is in another package.
 */
@NullMarked
package dev.sluice.bench.micro;

import org.jspecify.annotations.NullMarked;
