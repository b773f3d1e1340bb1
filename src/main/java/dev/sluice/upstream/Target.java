package dev.sluice.upstream;

import org.jspecify.annotations.Nullable;

/**
 * A provider that may answer a request, and the model there.
 *
 * @param model the model's name at the provider; null if the request names none
 */
public record Target(Provider provider, @Nullable String model) {}
