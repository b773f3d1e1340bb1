package dev.sluice.servlet;

import dev.sluice.admission.Admission;
import dev.sluice.relay.Limits;

/**
 * The objects that handle the requests of one path, from one generation of settings.
 *
 * @param endpoint handles the requests
 * @param admission decides which of them are passed on
 * @param bodies the limits of their bodies
 * @param limits the limits of their streams
 */
public record Handling(Endpoint endpoint, Admission admission, BodyLimit bodies, Limits limits) {}
