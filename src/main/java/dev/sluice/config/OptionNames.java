package dev.sluice.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the option of a name or of an environment variable, and the nearest one for a name that is misspelt. Some
 * families have as many members as the operator likes: {@code sluice.upstreams.<name>.*} has the options of
 * {@code sluice.upstream.*}, {@code sluice.callers.<name>.*}, {@code sluice.plans.<plan>.*} and
 * {@code sluice.issuers.<name>.*} have those of one caller, plan or issuer, and {@code sluice.models.<alias>} and
 * {@code sluice.groups.<group>.plan} have one option for each alias or group. A further family needs a rule in {@link #named}
 * and one in {@link #membersIn}.
 */
final class OptionNames {
    private static final Pattern UPSTREAMS =
            Pattern.compile("sluice\\.upstreams\\.(?!default\\.)(" + Type.UPSTREAM_NAME + ")\\.(.+)");
    private static final Pattern CALLERS = Pattern.compile("sluice\\.callers\\.(" + Type.CALLER_NAME + ")\\.(.+)");
    private static final Pattern PLANS = Pattern.compile("sluice\\.plans\\.(" + Type.PLAN_NAME + ")\\.(.+)");
    private static final Pattern GROUPS = Pattern.compile("sluice\\.groups\\.(.+)\\.plan");
    private static final Pattern GROUP_VARIABLE = Pattern.compile("SLUICE_GROUPS_(.+)_PLAN");
    private static final Pattern FAMILY =
            Pattern.compile("(?is)sluice[._](upstream|model|caller|plan|group|issuer)s?[._](.+)");
    private static final Pattern ISSUERS = Pattern.compile("sluice\\.issuers\\.(" + Type.ISSUER_NAME + ")\\.(.+)");

    /** The variables that Kubernetes sets for a service whose name begins with "sluice". */
    private static final Pattern KUBERNETES =
            Pattern.compile("SLUICE_(.+_)?(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_\\d+_(TCP|UDP|SCTP)(_.+)?)?)");

    private OptionNames() {}

    /** The upstream whose setting {@code sluice.upstreams.<name>.*} is this; null for all other names. */
    static @Nullable String upstreamIn(String name) {
        Matcher member = UPSTREAMS.matcher(name);
        return member.matches() ? member.group(1) : null;
    }

    /** The caller whose setting {@code sluice.callers.<name>.*} is this; null for all other names. */
    static @Nullable String callerIn(String name) {
        Matcher member = CALLERS.matcher(name);
        return member.matches() ? member.group(1) : null;
    }

    /** The plan whose setting {@code sluice.plans.<plan>.*} is this; null for all other names. */
    static @Nullable String planIn(String name) {
        Matcher member = PLANS.matcher(name);
        return member.matches() ? member.group(1) : null;
    }

    /** The group whose setting {@code sluice.groups.<group>.plan} is this; null for all other names. */
    static @Nullable String groupIn(String name) {
        Matcher member = GROUPS.matcher(name);
        return member.matches() && Type.isGroup(member.group(1)) ? member.group(1) : null;
    }

    /** The issuer whose setting {@code sluice.issuers.<name>.*} is this; null for all other names. */
    static @Nullable String issuerIn(String name) {
        Matcher member = ISSUERS.matcher(name);
        return member.matches() ? member.group(1) : null;
    }

    /** The alias that {@code sluice.models.<alias>} defines; null for all other names, {@code sluice.models.*} too. */
    static @Nullable String aliasIn(String name) {
        String alias = name.startsWith(Options.MODELS) ? name.substring(Options.MODELS.length()) : "*";
        return !alias.equals("*") && alias.matches(Type.MODEL_NAME) ? alias : null;
    }

    /** The option of this name; null if there is none. */
    static @Nullable Option<?> named(String name) {
        Option<?> row = first(Options.all(), option -> option.name().equals(name));
        if (row != null) {
            return row;
        }
        String upstream = upstreamIn(name);
        if (upstream != null) {
            return first(Options.ofUpstream(upstream), option -> option.name().equals(name));
        }
        String caller = callerIn(name);
        if (caller != null) {
            return first(Options.ofCaller(caller), option -> option.name().equals(name));
        }
        String plan = planIn(name);
        if (plan != null) {
            return first(Options.ofPlan(plan), option -> option.name().equals(name));
        }
        String group = groupIn(name);
        if (group != null) {
            return Options.groupPlan(group);
        }
        String issuer = issuerIn(name);
        if (issuer != null) {
            return first(Options.ofIssuer(issuer), option -> option.name().equals(name));
        }
        String alias = aliasIn(name);
        return alias == null ? null : Options.ofModel(alias);
    }

    /** The option of this environment variable; null if there is none. */
    static @Nullable Option<?> ofVariable(String variable) {
        if (variable.equals(Options.XAI_KEY.variable())) {
            return Options.XAI_KEY;
        }
        Option<?> row = first(Options.all(), option -> option.variable().equals(variable));
        if (row != null) {
            return row;
        }
        if (variable.startsWith("SLUICE_MODELS_")) {
            return named(Options.MODELS + words(variable.substring("SLUICE_MODELS_".length())));
        }
        Matcher group = GROUP_VARIABLE.matcher(variable);
        if (group.matches()) {
            return named(Options.GROUPS + words(group.group(1)) + ".plan");
        }
        return first(membersIn(variable), option -> option.variable().equals(variable));
    }

    /**
     * The option whose key has the smallest edit distance to this one.
     *
     * @param keyOf how a source writes the key of an option: as its name, or as an environment variable
     */
    static Option<?> nearest(String key, Function<Option<?>, String> keyOf) {
        List<Option<?>> known = new ArrayList<>(Options.all());
        known.addAll(membersIn(key));
        String meant = key.replaceFirst("(?i)^(sluice[._]upstream)s[._]default(?=[._])", "$1");
        return Collections.min(known, Comparator.comparingInt(option -> edits(meant, keyOf.apply(option))));
    }

    /** Whether a variable of no option is a misspelt one: it is one edit away, and Kubernetes has not set it. */
    static boolean isMisspelt(String variable) {
        String nearest = nearest(variable, Option::variable).variable();
        return !KUBERNETES.matcher(variable).matches()
                && (edits(variable, nearest) <= 1 || isTwoSwapped(variable, nearest));
    }

    /** The options of every member of a family whose name this key, perhaps misspelt, may contain. */
    private static List<Option<?>> membersIn(String key) {
        Matcher family = FAMILY.matcher(key);
        if (!family.matches()) {
            return List.of();
        }
        String rest = family.group(2);
        return switch (family.group(1).toLowerCase(Locale.ROOT)) {
            case "upstream" ->
                membersIn(rest, name -> name.equals(Options.DEFAULT) ? List.of() : Options.ofUpstream(name));
            case "caller" -> membersIn(rest, Options::ofCaller);
            case "plan" -> membersIn(rest, Options::ofPlan);
            // Of several groups the longest: what follows it is a misspelt "plan", or nothing.
            case "group" -> List.of(Options.groupPlan(rest.replaceFirst("[._][^._]*$", "")), Options.groupPlan(rest));
            case "issuer" -> membersIn(rest, Options::ofIssuer);
            default -> List.of(Options.ofModel(rest.replaceAll("[\\p{Z}\\p{Cc}]+", "-")));
        };
    }

    /** A variable writes . and - as _, so that the member's name may end at any of them. */
    private static List<Option<?>> membersIn(String rest, Function<String, List<Option<?>>> optionsOf) {
        List<Option<?>> options = new ArrayList<>();
        String words = words(rest) + ".";
        for (int end = 0; end < Math.min(words.length(), 65); end++) {
            String name = words.substring(0, end);
            boolean ends = words.charAt(end) == '.' || words.charAt(end) == '-';
            if (ends && name.matches(Type.UPSTREAM_NAME)) {
                options.addAll(optionsOf.apply(name));
            }
        }
        return options;
    }

    /** Part of a variable, written as names are: in lower case, with - for _. */
    private static String words(String variable) {
        return variable.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static @Nullable Option<?> first(Collection<Option<?>> options, Predicate<Option<?>> wanted) {
        return options.stream().filter(wanted).findFirst().orElse(null);
    }

    /** The Levenshtein distance. */
    private static int edits(String from, String to) {
        int[] row = IntStream.rangeClosed(0, to.length()).toArray();
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }

    /** Whether the texts differ by one exchange of two neighbouring letters. */
    private static boolean isTwoSwapped(String from, String to) {
        int first = 0;
        while (first < Math.min(from.length(), to.length()) && from.charAt(first) == to.charAt(first)) {
            first++;
        }
        return from.length() == to.length()
                && first + 1 < from.length()
                && from.charAt(first) == to.charAt(first + 1)
                && from.charAt(first + 1) == to.charAt(first)
                && from.substring(first + 2).equals(to.substring(first + 2));
    }
}
