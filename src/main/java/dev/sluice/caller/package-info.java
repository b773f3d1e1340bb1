/** Establishes the caller of a request: access keys, trusted proxies and their headers, origins, this machine. */
@NullMarked
package dev.sluice.caller;

import org.jspecify.annotations.NullMarked;
