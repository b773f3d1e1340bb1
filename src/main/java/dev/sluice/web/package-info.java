/** The client's side over plain servlets: bodies, answers, access, health, metrics. */
@NullMarked
package dev.sluice.web;

import org.jspecify.annotations.NullMarked;
