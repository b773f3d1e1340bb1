package dev.sluice.relay;

import java.time.Duration;

/**
 * What bounds a stream.
 *
 * @param body how long the client may take to send its request
 * @param connect how long it may take until the request has left for the provider
 * @param firstToken how long after that the provider may take to its first token
 * @param idle how long the provider may be silent after it, the time not counted in which it is not asked
 * @param stall how long the client may take nothing while there is something to take
 * @param heartbeat how long the client may hear nothing
 * @param eventBytes the longest event of the provider's
 * @param bufferBytes how much output is gathered before it is written
 */
public record Limits(
        Duration body,
        Duration connect,
        Duration firstToken,
        Duration idle,
        Duration stall,
        Duration heartbeat,
        int eventBytes,
        int bufferBytes) {}
