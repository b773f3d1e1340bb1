/** The provider's side of a stream over Jetty's HttpClient: send, read, demand, cancel. */
@NullMarked
package dev.sluice.upstream;

import org.jspecify.annotations.NullMarked;
