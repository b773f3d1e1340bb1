package dev.sluice.observe;

import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The numbers of an upstream for the metrics. Any thread may call each supplier at any time.
 *
 * @param name of the upstream in the configuration
 * @param openCalls calls that hold a connection
 * @param isReachable whether the latest call reached it, or there was none yet
 * @param faults calls that failed, by what the fault is called
 * @param retries further attempts at calls that had no answer
 */
public record UpstreamNumbers(
        String name,
        LongSupplier openCalls,
        BooleanSupplier isReachable,
        Map<String, LongSupplier> faults,
        LongSupplier retries) {}
