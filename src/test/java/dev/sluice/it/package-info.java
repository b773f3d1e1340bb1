/**
 * The product as it ships, in real containers, between a scripted upstream and clients: those that read the wire
 * themselves, and SDKs as they are. Nothing here uses the production code, so that an error in it cannot cancel itself
 * out.
 */
@NullMarked
package dev.sluice.it;

import org.jspecify.annotations.NullMarked;
