/**
 * The stream doctor: a generated stream with a known rate. What of it reaches the client, and when, shows whether a proxy
 * in between buffers.
 */
@NullMarked
package dev.sluice.doctor;

import org.jspecify.annotations.NullMarked;
