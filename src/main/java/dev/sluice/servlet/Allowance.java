package dev.sluice.servlet;

import dev.sluice.admission.Admission;
import dev.sluice.chat.LongestAnswer;
import dev.sluice.relay.Caller;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a caller may ask for, as far as it matters when its request is read. Any thread may use it.
 *
 * @param models whether it may ask for a model of this name: it is told of no others
 * @param longest the longest answer that it may ask for; null for any
 */
public record Allowance(Predicate<String> models, @Nullable LongestAnswer longest) {
    /** Everything. */
    public static final Allowance OF_ALL = new Allowance(model -> true, null);

    static Allowance of(Caller caller, Admission admission) {
        return new Allowance(model -> admission.allows(caller, model), admission.longestAnswer(caller));
    }
}
