package dev.sluice.relay;

import java.time.Duration;

/**
 * What bounds a stream, whoever answers.
 *
 * @param body how long the client may take to send its request
 * @param stall how long the client may take nothing while there is something to take
 * @param heartbeat how long the client may hear nothing
 * @param bufferBytes how much output is gathered before it is written
 */
public record Limits(Duration body, Duration stall, Duration heartbeat, int bufferBytes) {}
