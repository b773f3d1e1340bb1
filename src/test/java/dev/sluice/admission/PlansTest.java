package dev.sluice.admission;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.admission.Limit.Unit;
import dev.sluice.admission.Plans.Share;
import dev.sluice.config.Plan;
import dev.sluice.config.Plan.Per;
import dev.sluice.config.Rate;
import dev.sluice.config.Rate.Period;
import dev.sluice.config.Settings;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Caller.Basis;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PlansTest {
    /** The plans of callers and groups, and who counts together. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "NAMED_KEY, ada, '', own, named_key:ada",
                "NAMED_KEY, ada, research, own, named_key:ada",
                "PROXY, ada, '', default, proxy:ada", // of the same name, and not the one with the key
                "NAMED_KEY, bob, research, single, named_key:bob",
                "PROXY, bob, 'team', shared, group:team",
                "PROXY, cyd, 'team', shared, group:team",
                "PROXY, bob, 'zebras', shared, group:zebras",
                "PROXY, bob, 'zebras research', single, proxy:bob",
                "PROXY, bob, 'zebras team', shared, group:team",
                "PROXY, bob, 'a-group-without a team', shared, group:team",
                "PROXY, bob, 'Team', default, proxy:bob",
                "THIS_MACHINE, local, '', default, this_machine:local",
                "OPEN_ACCESS, anonymous, '', default, open_access:anonymous",
            })
    void share_isThatOfTheCallerOrOfItsFirstGroupOrTheDefault(
            Basis basis, String name, String groups, String plan, String holder) {
        Share share = requireNonNull(plans(plan("default", Per.CALLER)).of(new Caller(name, basis, set(groups))));
        assertThat(share.plan().name()).isEqualTo(plan);
        assertThat(share.account().plan()).isEqualTo(plan);
        assertThat(share.account().holder()).isEqualTo(holder);
    }

    @Test
    void share_withoutAPlan_isNone() {
        assertThat(plans(null).of(new Caller("bob", Basis.PROXY, Set.of("none"))))
                .isNull();
        assertThat(Plans.NONE.of(Caller.LOCAL)).isNull();
    }

    @Test
    void share_ofTheSharedDefault_isOneForAllWhoHaveItByNoGroup() {
        Plans plans = plans(plan("default", Per.GROUP));
        assertThat(plans.of(Caller.LOCAL)).isEqualTo(plans.of(new Caller("bob", Basis.PROXY, Set.of("other"))));
        assertThat(plans.of(new Caller("bob", Basis.PROXY, Set.of("guests"))))
                .as("by a group")
                .isEqualTo(plans.of(new Caller("cyd", Basis.NAMED_KEY, Set.of("guests"))))
                .isNotEqualTo(plans.of(Caller.LOCAL));
    }

    /** Names come from outside and may have any character: none makes a caller another, or a group. */
    @ParameterizedTest
    @EnumSource(Basis.class)
    void holders_areNeverTheSameForTwo(Basis basis) {
        Plans plans = plans(plan("default", Per.GROUP));
        Set<String> holders = new HashSet<>();
        holders.add(holder(plans, new Caller("x", Basis.PROXY, Set.of("team"))));
        holders.add(holder(plans, new Caller("x", Basis.PROXY, Set.of("zebras"))));
        holders.add(holder(plans, new Caller("x", Basis.PROXY, Set.of())));
        List<String> names = List.of("x", "X", "team", "group:team", "others", "named_key:x", " x", "x\u0000", "x:y");
        names.forEach(name -> holders.add(holder(plans, new Caller(name, basis, Set.of("research")))));
        holders.add(holder(plans, new Caller("x", Basis.TOKEN, "one", Set.of("research"))));
        holders.add(holder(plans, new Caller("x", Basis.TOKEN, "two", Set.of("research"))));
        assertThat(holders).hasSize(5 + names.size());
        assertThat(basis.label()).doesNotContain(":").isNotEqualTo("group");
    }

    @Test
    void account_hasTheLimitsOfThePlan() {
        Plan plan = new Plan(
                "default",
                List.of(),
                3,
                List.of(new Rate(60, Period.MINUTE)),
                List.of(new Rate(500, Period.SECOND), new Rate(9000, Period.DAY)),
                null,
                1000,
                Per.CALLER);
        assertThat(plans(plan).of(Caller.LOCAL))
                .isEqualTo(new Share(
                        plan,
                        new Account(
                                "default",
                                "this_machine:local",
                                List.of(
                                        new Limit(Unit.STREAMS, 3, null),
                                        new Limit(Unit.REQUESTS, 60, Period.MINUTE),
                                        new Limit(Unit.TOKENS, 500, Period.SECOND),
                                        new Limit(Unit.TOKENS, 9000, Period.DAY)))));
    }

    @Test
    void plan_thatDoesNotExist_isAFault() {
        Settings.Plans settings = new Settings.Plans(new TreeMap<>(), Map.of("ada", "none"), new TreeMap<>());
        assertThatThrownBy(() -> new Plans(settings)).hasMessageContaining("no plan none");
    }

    private static Plans plans(@Nullable Plan ofOthers) {
        Map<String, Plan> plans = new TreeMap<>(Map.of(
                "own", plan("own", Per.CALLER),
                "single", plan("single", Per.CALLER),
                "shared", plan("shared", Per.GROUP)));
        Map<String, String> ofGroups =
                new TreeMap<>(Map.of("team", "shared", "zebras", "shared", "research", "single"));
        if (ofOthers != null) {
            plans.put("default", ofOthers);
            ofGroups.put("guests", "default");
        }
        return new Plans(new Settings.Plans(new TreeMap<>(plans), Map.of("ada", "own"), new TreeMap<>(ofGroups)));
    }

    private static String holder(Plans plans, Caller caller) {
        return requireNonNull(plans.of(caller)).account().holder();
    }

    private static Plan plan(String name, Per per) {
        return new Plan(name, List.of(), 1, List.of(), List.of(), null, 1000, per);
    }

    private static Set<String> set(String groups) {
        return groups.isEmpty() ? Set.of() : Set.of(groups.split(" "));
    }
}
