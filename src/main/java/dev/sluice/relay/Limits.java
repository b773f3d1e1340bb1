package dev.sluice.relay;

import java.time.Duration;

/**
 * The limits of a stream that do not depend on its upstream.
 *
 * @param body how long the client may take to send its request
 * @param stall how long the client may take nothing while there is output for it
 * @param heartbeat how long the client may be sent nothing
 * @param bufferBytes how much output is encoded before it is written
 */
public record Limits(Duration body, Duration stall, Duration heartbeat, int bufferBytes) {}
