package dev.sluice.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.config.Rate.Period;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans, and who has which: {@code sluice.plans.<plan>.*}, and {@code .plan} of callers and groups. */
class PlanSettingsTest {
    private static final Pattern SEMICOLON = Pattern.compile(" *; *");

    private final Map<String, String> settings = new HashMap<>();
    private final Map<String, String> variables = new HashMap<>();

    @Test
    void read_everythingSet_reachesItsPlace() {
        set("plans.team.models", "grok-*, openai/gpt-5");
        set("plans.team.streams", "4");
        set("plans.team.requests", "60/m,1000 / d");
        set("plans.team.tokens", "20000/m, 1000000/d, 500/s, 900000/h");
        set("plans.team.max-output-tokens", "2000");
        set("plans.team.reserve", "0");
        set("plans.team.per", "group");
        set("plans.own.streams", "1");
        set("callers.ada.key", "s3cret");
        set("callers.ada.plan", "own");
        set("groups.research.plan", "team");
        assertThat(read().settings().plans())
                .isEqualTo(new Settings.Plans(
                        new TreeMap<>(Map.of(
                                "team",
                                new Plan(
                                        "team",
                                        List.of("grok-*", "openai/gpt-5"),
                                        4,
                                        List.of(new Rate(60, Period.MINUTE), new Rate(1000, Period.DAY)),
                                        List.of(
                                                new Rate(20000, Period.MINUTE),
                                                new Rate(1000000, Period.DAY),
                                                new Rate(500, Period.SECOND),
                                                new Rate(900000, Period.HOUR)),
                                        2000,
                                        0,
                                        Plan.Per.GROUP),
                                "own",
                                new Plan("own", List.of(), 1, List.of(), List.of(), null, 1000, Plan.Per.CALLER))),
                        Map.of("ada", "own"),
                        new TreeMap<>(Map.of("research", "team"))));
        assertThat(read().warnings()).isEmpty();
    }

    @Test
    void read_nothingSet_nobodyHasAPlan() {
        assertThat(read().settings().plans()).isEqualTo(Settings.Plans.NONE);
    }

    @Test
    void plan_whoseLongestAnswerIsShort_reservesNoMoreByDefault() {
        set("plans.default.max-output-tokens", "300");
        assertThat(plan("default").reserve()).isEqualTo(300);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "models | a,,b | entry 2 of 3 is empty",
                "models | a b | names of models separated by commas",
                "models | a,a | no two the same",
                "streams | 0 | a whole number from 1 to 1000000",
                "streams | many | a whole number from 1 to 1000000",
                "requests | 60 | <amount>/<period>",
                "requests | 60/min | <amount>/<period>",
                "requests | 0/m | an amount from 1 to 1000000000000",
                "requests | -1/m | an amount from 1 to 1000000000000",
                "requests | 1.5/m | <amount>/<period>",
                "requests | 60/M | s, m, h or d",
                "requests | 60/m, 90/m | with another period",
                "requests | 60/m, 90/h, 7/w | entry 3 of 3 is ill-formed",
                "tokens | 1000000000001/d | an amount from 1 to 1000000000000",
                "tokens | 99999999999999999999/d | an amount from 1 to 1000000000000",
                "tokens | 1/h,1/m,2/h | with another period",
                "tokens | 1/2/m | <amount>/<period>",
                "max-output-tokens | 0 | a whole number from 1",
                "reserve | -1 | a whole number from 0",
                "per | team | caller or group",
            })
    void value_illFormed_isNamedWithWhatIsExpected(String member, String value, String expected) {
        set("plans.default.streams", "1");
        set("plans.default." + member, value);
        assertThat(faults())
                .singleElement()
                .asString()
                .startsWith("sluice.plans.default." + member + " = \"" + value + "\" (context parameter): ")
                .contains(expected);
    }

    /** Each row: the settings, separated by semicolons; the setting at fault; the words that name fault and fix. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "callers.ada.plan=x | sluice.callers.ada.plan = x (context parameter) | there are none",
                "groups.a.plan=x; plans.default.streams=1; plans.y.streams=1; groups.b.plan=y"
                        + " | sluice.groups.a.plan = x (context parameter) | sluice.plans.<plan>.* defines: default, y",
                "plans.default.reserve=5 | sluice.plans.default: this plan limits nothing: sluice.plans.default.reserve = 5"
                        + " | .models=* for a plan without limits",
                "groups.a.plan=x; plans.x.per=group | sluice.plans.x: this plan limits nothing | Set one of its limits",
                "callers.ada.plan=x; plans.x.per=group; plans.x.streams=1 | sluice.callers.ada.plan = x"
                        + " | sluice.plans.x.per = group (context parameter). Give this plan to a group",
                "plans.default.reserve=501; plans.default.max-output-tokens=500; plans.default.tokens=9000/m"
                        + " | sluice.plans.default.reserve = 501 | expected no more than sluice.plans.default.max-output-tokens"
                        + " = 500",
                "plans.default.models=grok, x*; models.gpt=default/gpt | sluice.plans.default.models = grok, x*"
                        + " | sluice.models.<alias> defines: gpt",
                "groups.**.plan=default; plans.default.streams=1 | sluice.groups.**.plan = default"
                        + " | named default: sluice.plans.default",
                "groups.*.plan=default; plans.default.streams=1 | sluice.groups.*.plan = default | * is none",
                "callers.ada.groups=a, ** | sluice.callers.ada.groups = \"a, **\" | none of them * or **",
                "groups.a.plan=The Plan | sluice.groups.a.plan = \"The Plan\" | the name of a plan",
            })
    void settings_unknownOrContradictory_stopTheStart(String given, String setting, String words) {
        set("callers.ada.key", "s3cret");
        for (String one : SEMICOLON.split(given, -1)) {
            int equals = one.indexOf('=');
            set(one.substring(0, equals), one.substring(equals + 1));
        }
        assertThat(faults()).singleElement().asString().startsWith(setting).contains(words);
    }

    @Test
    void faults_several_areAllInOneMessage() {
        set("plans.b.per", "group");
        set("groups.x.plan", "c");
        set("plans.default.tokens", "1/m,2/m");
        assertThat(faults()).hasSize(3).allSatisfy(fault -> assertThat(fault).startsWith("sluice."));
    }

    @ParameterizedTest
    @CsvSource({
        "sluice.plans.team.stream, sluice.plans.team.streams",
        "sluice.plan.team.streams, sluice.plans.team.streams",
        "sluice.plans.team.max-output-token, sluice.plans.team.max-output-tokens",
        "sluice.plans.Team.tokens, sluice.plans.team.tokens",
        "sluice.groups.a.plans, sluice.groups.a.plan",
        "sluice.group.a.plan, sluice.groups.a.plan",
        "sluice.groups.a, sluice.groups.a.plan",
        "sluice.groups./Research.pln, sluice.groups./Research.plan",
        "sluice.groups.ada.key, sluice.groups.ada.plan",
        "sluice.callers.ada.plans, sluice.callers.ada.plan",
    })
    void name_misspelt_isAFaultWithTheNearest(String name, String nearest) {
        settings.put(name, "1");
        assertThat(faults())
                .anySatisfy(fault -> assertThat(fault).contains(name, "unknown name, the nearest known is " + nearest));
    }

    /** As they are written in each source: {@code callers-and-limits.md} says so. */
    @Test
    void groups_withAnyCharacters_canHavePlans() {
        set("plans.p.streams", "1");
        Map<String, String> ofGroups = new LinkedHashMap<>();
        for (String group : List.of("/research/team a", "team:a", "a.b", "a.plan", "Käse", "x=y,z", "CN=a")) {
            set("groups." + group + ".plan", "p");
            ofGroups.put(group, "p");
        }
        assertThat(read().settings().plans().ofGroups()).isEqualTo(ofGroups);
        assertThat(read().settings().identities().groups())
                .as("of which the container is asked")
                .isEqualTo(ofGroups.keySet());
        set("groups. a.plan", "p");
        assertThat(faults()).singleElement().asString().contains("unknown name");
    }

    @Test
    void variables_nameGroupsInLowerCase_andPlans() {
        variables.put("SLUICE_GROUPS_THE_TEAM_PLAN", "big-plan");
        variables.put("SLUICE_PLANS_BIG_PLAN_MAX_OUTPUT_TOKENS", "7");
        variables.put("SLUICE_PLANS_BIG_PLAN_TOKENS", "9/s");
        variables.put("SLUICE_PLANS_PORT", "tcp://10.0.0.1:80"); // Kubernetes sets such variables
        variables.put("SLUICE_GROUPS_SERVICE_HOST", "10.0.0.1");
        assertThat(read().settings().plans().ofGroups()).containsExactly(Map.entry("the-team", "big-plan"));
        assertThat(plan("big-plan"))
                .isEqualTo(new Plan(
                        "big-plan",
                        List.of(),
                        null,
                        List.of(),
                        List.of(new Rate(9, Period.SECOND)),
                        7,
                        7,
                        Plan.Per.CALLER));
        assertThat(read().warnings()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "SLUICE_GROUPS_TEAM_PLANS, SLUICE_GROUPS_TEAM_PLAN",
        "SLUICE_PLANS_TEAM_STREAM, SLUICE_PLANS_TEAM_STREAMS"
    })
    void variable_oneEditAway_isAFault(String variable, String nearest) {
        variables.put(variable, "1");
        assertThat(faults()).singleElement().asString().contains(variable, "the nearest known is " + nearest);
    }

    @Test
    void describe_listsGroupsAndPlans() {
        set("plans.p.streams", "1");
        set("groups.a.plan", "p");
        assertThat(read().lines())
                .contains(
                        "sluice.groups.a.plan = p (context parameter)",
                        "sluice.plans.p.streams = 1 (context parameter)",
                        "sluice.plans.p.models = (not set)",
                        "sluice.plans.p.reserve = 1000 (default)");
    }

    /** Valid, but without effect. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plans.default.reserve=5; plans.default.streams=1 | sluice.plans.default.reserve = 5 (context parameter) has no"
                        + " effect, because the plan has no sluice.plans.default.tokens",
                "plans.default.per=group; plans.default.models=x | sluice.plans.default.per = group (context parameter) has no"
                        + " effect",
                "plans.default.models=gpt, grok; models.gpt=default/gpt | names grok, and no sluice.models.<alias> is called so",
                "plans.x.streams=1 | Nobody has the plan x: no sluice.callers.<name>.plan or sluice.groups.<group>.plan names it",
            })
    void settings_withoutEffect_warn(String given, String warning) {
        for (String one : SEMICOLON.split(given, -1)) {
            int equals = one.indexOf('=');
            set(one.substring(0, equals), one.substring(equals + 1));
        }
        assertThat(read().warnings()).singleElement().asString().contains(warning);
    }

    @Test
    void rates_thatAreLessForALongerPeriod_areNoContradiction() {
        set("plans.default.requests", "100/m, 50/h");
        assertThat(read().warnings()).isEmpty();
    }

    private Plan plan(String name) {
        return requireNonNull(read().settings().plans().byName().get(name), name);
    }

    private void set(String name, String value) {
        settings.put("sluice." + name, value);
    }

    private Configuration read() {
        return SettingsReader.read(List.of(Layer.contextParameters(settings), Layer.environment(variables)));
    }

    private List<String> faults() {
        SettingsException e = catchThrowableOfType(SettingsException.class, this::read);
        assertThat(e).as("a configuration with faults must not be accepted").isNotNull();
        return e.faults();
    }
}
