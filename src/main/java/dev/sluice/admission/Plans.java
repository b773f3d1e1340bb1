package dev.sluice.admission;

import dev.sluice.admission.Limit.Unit;
import dev.sluice.config.Plan;
import dev.sluice.config.Rate;
import dev.sluice.config.Settings;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Caller.Basis;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which plan a caller has, and with whom it shares the limits of that plan. A caller with a key has its own plan, if there is
 * one. Otherwise a caller has the plan of its group; of several groups with plans, the first in alphabetical order counts.
 * Otherwise it has the plan {@code default}, if there is one. Immutable; any thread may call it.
 */
public final class Plans {
    /** Nobody has a plan. */
    public static final Plans NONE = new Plans(Settings.Plans.NONE);

    /** The holder for callers who share the limits of the plan {@code default} without having it by a group. */
    private static final String OTHERS = "others";

    private final Map<String, Limited> ofCallers = new HashMap<>();
    private final Map<String, Limited> ofGroups = new HashMap<>();
    private final @Nullable Limited ofOthers;

    /** @throws IllegalArgumentException if somebody has a plan that does not exist */
    public Plans(Settings.Plans settings) {
        Map<String, Limited> plans = new HashMap<>();
        settings.byName().forEach((name, plan) -> plans.put(name, new Limited(plan, limits(plan))));
        settings.ofCallers().forEach((caller, plan) -> ofCallers.put(caller, known(plans, plan)));
        settings.ofGroups().forEach((group, plan) -> ofGroups.put(group, known(plans, plan)));
        ofOthers = plans.get(Settings.Plans.DEFAULT);
    }

    /**
     * What a caller has of a plan.
     *
     * @param account who counts together with the caller; without limits if the plan has none that are counted
     */
    public record Share(Plan plan, Account account) {}

    /** Null for a caller without a plan, who is not limited. */
    public @Nullable Share of(Caller caller) {
        Limited own = caller.basis() == Basis.NAMED_KEY ? ofCallers.get(caller.name()) : null;
        if (own != null) {
            return own.sharedBy(holder(caller));
        }
        String group = firstWithPlan(caller);
        if (group != null) {
            Limited ofGroup = ofGroups.get(group);
            return ofGroup == null ? null : ofGroup.sharedBy(ofGroup.isShared() ? "group:" + group : holder(caller));
        }
        return ofOthers == null ? null : ofOthers.sharedBy(ofOthers.isShared() ? OTHERS : holder(caller));
    }

    private @Nullable String firstWithPlan(Caller caller) {
        String first = null;
        for (String group : caller.groups()) {
            if (ofGroups.containsKey(group) && (first == null || group.compareTo(first) < 0)) {
                first = group;
            }
        }
        return first;
    }

    /** No two callers have the same: a basis and an issuer have no colon, and no basis is called "group". */
    private static String holder(Caller caller) {
        String issuer = caller.issuer();
        return caller.basis().label() + ":" + (issuer == null ? "" : issuer + ":") + caller.name();
    }

    private static Limited known(Map<String, Limited> plans, String name) {
        Limited plan = plans.get(name);
        if (plan == null) {
            throw new IllegalArgumentException("There is no plan " + name);
        }
        return plan;
    }

    private static List<Limit> limits(Plan plan) {
        List<Limit> limits = new ArrayList<>();
        Integer streams = plan.streams();
        if (streams != null) {
            limits.add(new Limit(Unit.STREAMS, streams, null));
        }
        for (Rate rate : plan.requests()) {
            limits.add(new Limit(Unit.REQUESTS, rate.amount(), rate.period()));
        }
        for (Rate rate : plan.tokens()) {
            limits.add(new Limit(Unit.TOKENS, rate.amount(), rate.period()));
        }
        return List.copyOf(limits);
    }

    /** A plan with its limits as a ledger needs them. */
    private record Limited(Plan plan, List<Limit> limits) {
        /** Whether callers who have it by the same group count together. */
        boolean isShared() {
            return plan.per() == Plan.Per.GROUP;
        }

        Share sharedBy(String holder) {
            return new Share(plan, new Account(plan.name(), holder, limits));
        }
    }
}
