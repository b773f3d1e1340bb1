package dev.sluice.upstream;

import org.jspecify.annotations.Nullable;

/**
 * Where a request may be answered.
 *
 * @param model what it is asked for there; null to leave it to the provider
 */
public record Target(Provider provider, @Nullable String model) {}
