/**
 * Integration tests: the built WAR in real containers, between a scripted upstream and clients. The clients are the tests' own
 * HTTP clients and unmodified SDKs. No class here uses the production code, so that an error in it is not in the test too.
 */
@NullMarked
package dev.sluice.it;

import org.jspecify.annotations.NullMarked;
