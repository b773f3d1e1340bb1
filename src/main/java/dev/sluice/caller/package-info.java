/** Who sends a request: keys, trusted proxies and their headers, origins of web pages, this machine. */
@NullMarked
package dev.sluice.caller;

import org.jspecify.annotations.NullMarked;
