/**
 * The product as it ships, in real containers, between a scripted upstream and clients that read the wire themselves, or
 * SDKs as they are: nothing here uses the production code, so that an error in it cannot cancel itself out.
 */
@NullMarked
package dev.sluice.it;

import org.jspecify.annotations.NullMarked;
