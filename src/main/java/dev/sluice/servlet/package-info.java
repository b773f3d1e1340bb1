/** The servlets: request bodies, the client's side of a stream, health, metrics, lists of models. */
@NullMarked
package dev.sluice.servlet;

import org.jspecify.annotations.NullMarked;
