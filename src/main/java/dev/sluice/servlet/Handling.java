package dev.sluice.servlet;

import dev.sluice.admission.Admission;
import dev.sluice.relay.Limits;

/**
 * What the settings say of the requests of one path.
 *
 * @param endpoint answers them
 * @param admission decides which of them are passed on
 * @param bodies bounds their bodies
 * @param limits bounds their streams
 */
public record Handling(Endpoint endpoint, Admission admission, BodyLimit bodies, Limits limits) {}
