/** Jetty's HttpClient, tuned for many connections that carry little each: selector, reader, pool, name lookups. */
@NullMarked
package dev.sluice.upstream.jetty;

import org.jspecify.annotations.NullMarked;
