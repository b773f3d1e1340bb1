/** The tokens (JWT) of issuers: reads and verifies them, and keeps their issuers' keys up to date. */
@NullMarked
package dev.sluice.jwt;

import org.jspecify.annotations.NullMarked;
