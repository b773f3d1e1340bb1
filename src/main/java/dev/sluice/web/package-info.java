/** The code that all servlets share: the mount, responses without a stream, errors, and the differences of containers. */
@NullMarked
package dev.sluice.web;

import org.jspecify.annotations.NullMarked;
