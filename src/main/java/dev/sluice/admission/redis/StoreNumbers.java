package dev.sluice.admission.redis;

import java.time.Duration;

/**
 * What is known of the store that nodes share, for the metrics.
 *
 * @param reachable whether this node counts together with others now
 * @param outages how often it was unreachable, since the start
 * @param away for how long it is unreachable now; zero if it is not
 * @param steps the scripts that it has answered
 * @param time how long they took together
 * @param latest how long the last one took
 */
public record StoreNumbers(
        boolean reachable, long outages, Duration away, long steps, Duration time, Duration latest) {}
