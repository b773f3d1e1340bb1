package dev.sluice.admission;

import java.util.List;

/**
 * Who counts together, and within which limits. Two requests count together if plan and holder are the same.
 *
 * @param plan the name of the plan
 * @param holder a caller, with how it was established, or a group, so that no two holders have the same text
 * @param limits those of the plan; at most one for each unit and period
 */
public record Account(String plan, String holder, List<Limit> limits) {
    public Account {
        limits = List.copyOf(limits);
    }
}
