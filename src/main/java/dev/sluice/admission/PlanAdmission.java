package dev.sluice.admission;

import dev.sluice.admission.Ledger.Reached;
import dev.sluice.admission.Ledger.Taken;
import dev.sluice.admission.Ledger.Verdict;
import dev.sluice.admission.Plans.Share;
import dev.sluice.chat.LongestAnswer;
import dev.sluice.config.Plan;
import dev.sluice.relay.Caller;
import dev.sluice.relay.StreamListener.Asked;
import dev.sluice.relay.StreamListener.Opened;
import org.jspecify.annotations.Nullable;

/**
 * Admits what the plan of its caller allows, and holds it in a ledger until the end of the stream. Who has no plan is admitted
 * freely. Immutable; any thread may call it.
 */
public final class PlanAdmission implements Admission {
    private final Plans plans;
    private final Ledger ledger;

    public PlanAdmission(Plans plans, Ledger ledger) {
        this.plans = plans;
        this.ledger = ledger;
    }

    @Override
    public Reply ask(Opened stream, Asked asked) {
        Share share = plans.of(stream.caller());
        if (share == null) {
            return Admitted.FREELY;
        }
        Plan plan = share.plan();
        if (!plan.allows(asked.model())) {
            return new Refused(LimitWords.notAllowed(plan.name(), asked.model()));
        }
        Account account = share.account();
        if (account.limits().isEmpty()) {
            return Admitted.FREELY;
        }
        Estimate estimate = Estimate.of(asked, plan.reserve());
        Taking taking = new Taking(verdict -> decision(plan.name(), estimate, asked, verdict));
        try {
            ledger.take(account, estimate.total(), taking);
        } catch (RuntimeException | Error fault) {
            taking.cancel(); // what is taken all the same is given back
            throw fault;
        }
        return taking.reply();
    }

    @Override
    public boolean allows(Caller caller, @Nullable String model) {
        Share share = plans.of(caller);
        return share == null || share.plan().allows(model);
    }

    @Override
    public @Nullable LongestAnswer longestAnswer(Caller caller) {
        Share share = plans.of(caller);
        Integer tokens = share == null ? null : share.plan().maxOutputTokens();
        return share == null || tokens == null
                ? null
                : new LongestAnswer(share.plan().name(), tokens);
    }

    @Override
    public @Nullable String planOf(Caller caller) {
        Share share = plans.of(caller);
        return share == null ? null : share.plan().name();
    }

    private static Decision decision(String plan, Estimate estimate, Asked asked, Verdict verdict) {
        if (verdict instanceof Taken taken) {
            return new Admitted(new Settlement(taken.reservation(), estimate, asked), LimitHeaders.of(taken.levels()));
        }
        if (verdict instanceof Reached reached) {
            return new Refused(
                    LimitWords.reached(plan, reached),
                    LimitHeaders.ofRefusal(reached.levels(), reached.level(), reached.again()));
        }
        return new Refused(LimitWords.unknown());
    }
}
