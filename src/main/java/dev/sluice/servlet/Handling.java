package dev.sluice.servlet;

import dev.sluice.relay.Limits;

/**
 * What the settings say of the requests of one path.
 *
 * @param endpoint answers them
 * @param bodies bounds their bodies
 * @param limits bounds their streams
 */
public record Handling(Endpoint endpoint, BodyLimit bodies, Limits limits) {}
