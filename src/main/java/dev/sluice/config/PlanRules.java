package dev.sluice.config;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.stream.Collectors;

/** The rules for plans and for who has them. A rule is not checked if one of its settings is ill-formed. */
final class PlanRules {
    private final Values values;
    private final SortedSet<String> plans;
    private final List<String> broken = new ArrayList<>();

    private PlanRules(Values values) {
        this.values = values;
        this.plans = values.plans();
    }

    /** One sentence for each broken rule, with the settings, their sources and what is expected. */
    static List<String> broken(Values values) {
        PlanRules rules = new PlanRules(values);
        values.callers().forEach(rules::callerCanHaveItsPlan);
        values.groups().forEach(rules::groupCanHaveItsPlan);
        for (String plan : rules.plans) {
            rules.saysSomething(plan);
            rules.reservesNoMoreThanCanCome(plan);
            rules.hasModels(plan);
        }
        return rules.broken;
    }

    private void callerCanHaveItsPlan(String caller) {
        Option<String> setting = Options.callerPlan(caller);
        isKnown(setting);
        String plan = values.value(setting);
        if (plan != null && "group".equals(values.value(Options.planPer(plan)))) {
            broken.add(
                    "%s: expected a plan with per=caller, for a caller is no group, and %s. Give this plan to a group of"
                                    .formatted(values.line(setting), values.line(Options.planPer(plan)))
                            + " this caller by sluice.groups.<group>.plan, or set per=caller");
        }
    }

    private void groupCanHaveItsPlan(String group) {
        Option<String> setting = Options.groupPlan(group);
        isKnown(setting);
        if (Type.meansNoGroup(group)) {
            broken.add(
                    "%s: expected the name of a group, and %s is none. The plan for everyone who has no other is the one"
                                    .formatted(values.line(setting), group)
                            + " named default: sluice.plans.default");
        }
    }

    private void isKnown(Option<String> setting) {
        String plan = values.value(setting);
        if (plan != null && !plans.contains(plan)) {
            broken.add("%s: expected one of the plans that sluice.plans.<plan>.* defines: %s"
                    .formatted(values.line(setting), plans.isEmpty() ? "there are none" : String.join(", ", plans)));
        }
    }

    private void saysSomething(String plan) {
        boolean says = Options.ofPlan(plan).stream()
                .filter(option -> option.fallback() == null)
                .anyMatch(values::has);
        if (!says) {
            broken.add(
                    "sluice.plans.%s: this plan limits nothing: %s. Set one of its limits, or .models=* for a plan without"
                                    .formatted(plan, settings(plan))
                            + " limits");
        }
    }

    private void reservesNoMoreThanCanCome(String plan) {
        Option<Integer> reserve = Options.planReserve(plan);
        Integer reserved = values.value(reserve);
        Integer longest = values.value(Options.planMaxOutputTokens(plan));
        if (values.isSet(reserve) && reserved != null && longest != null && reserved > longest) {
            broken.add("%s: expected no more than %s"
                    .formatted(values.line(reserve), values.line(Options.planMaxOutputTokens(plan))));
        }
    }

    /** Whether there may be such models is known only if all are aliases. */
    private void hasModels(String plan) {
        Option<List<String>> setting = Options.planModels(plan);
        List<String> models = values.value(setting);
        if (models != null
                && !values.has(Options.OTHERS)
                && values.aliases().stream()
                        .noneMatch(alias -> models.stream().anyMatch(one -> Glob.matches(one, alias)))) {
            broken.add("%s: expected names or globs of the aliases that sluice.models.<alias> defines: %s"
                    .formatted(values.line(setting), String.join(", ", values.aliases())));
        }
    }

    private String settings(String plan) {
        return Options.ofPlan(plan).stream()
                .filter(values::isSet)
                .map(values::line)
                .collect(Collectors.joining(", "));
    }
}
