package dev.sluice.observe;

import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * The numbers of the store in which nodes count together, for the metrics. Any thread may call each supplier at any time.
 *
 * @param reachable whether this node counts together with others now
 * @param outages how often it was unreachable
 * @param steps what it has answered
 * @param seconds how long these answers took together
 * @param latest the seconds that the last answer took
 */
public record SharedNumbers(
        BooleanSupplier reachable,
        LongSupplier outages,
        LongSupplier steps,
        DoubleSupplier seconds,
        DoubleSupplier latest) {}
