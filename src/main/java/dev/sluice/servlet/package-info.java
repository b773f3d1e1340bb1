/** The servlets that answer with a stream or in JSON: request bodies, the client's side of a stream, health, metrics, models. */
@NullMarked
package dev.sluice.servlet;

import org.jspecify.annotations.NullMarked;
