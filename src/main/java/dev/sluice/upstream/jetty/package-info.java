/** Jetty's HttpClient, tuned for many connections with little data each: selector, receiver, pool, name lookups. */
@NullMarked
package dev.sluice.upstream.jetty;

import org.jspecify.annotations.NullMarked;
