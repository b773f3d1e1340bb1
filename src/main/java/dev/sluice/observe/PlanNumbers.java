package dev.sluice.observe;

import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The numbers of a plan for the metrics. Any thread may call each supplier at any time.
 *
 * @param name of the plan in the settings
 * @param streams that were let in and have not ended
 * @param heldTokens what these streams hold, by their estimates
 * @param spentTokens what streams have used that have ended
 * @param refused requests that were refused, by the limit
 * @param debts tokens that were used beyond a limit and are not yet regained, by the limit
 */
public record PlanNumbers(
        String name,
        LongSupplier streams,
        LongSupplier heldTokens,
        LongSupplier spentTokens,
        Map<String, LongSupplier> refused,
        Map<String, LongSupplier> debts) {}
