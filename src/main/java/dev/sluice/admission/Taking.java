package dev.sluice.admission;

import dev.sluice.admission.Admission.Asker;
import dev.sluice.admission.Admission.Decision;
import dev.sluice.admission.Admission.Pending;
import dev.sluice.admission.Admission.Refused;
import dev.sluice.admission.Admission.Reply;
import dev.sluice.admission.Ledger.Taken;
import dev.sluice.admission.Ledger.Verdict;
import dev.sluice.chat.Failure;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request's wait for what a ledger says, which may be at once or later. What is taken for a request that nobody waits for any
 * more is given back.
 *
 * <pre>
 *                ┌──begin──▶ an asker ──accept──▶ OVER
 *   null ────────┼──accept─▶ a verdict ──reply, begin──▶ OVER
 *                └──cancel─▶ OVER ──accept──▶ OVER, and what was taken is given back
 * </pre>
 *
 * Any thread may call all methods.
 */
final class Taking implements Consumer<Verdict>, Pending {
    private static final Object OVER = new Object();

    /** Null, a verdict, an asker, or {@link #OVER}. */
    private final AtomicReference<@Nullable Object> state = new AtomicReference<>();

    private final Function<Verdict, Decision> decide;

    /** @param decide makes the decision of a verdict; called at most once */
    Taking(Function<Verdict, Decision> decide) {
        this.decide = decide;
    }

    /** The ledger has said it. */
    @Override
    public void accept(Verdict verdict) {
        if (state.compareAndSet(null, verdict)) {
            return;
        }
        if (state.getAndSet(OVER) instanceof Asker asker) {
            answer(asker, verdict);
        } else {
            giveBack(verdict);
        }
    }

    /** The decision if it is known already, or this. */
    Reply reply() {
        if (state.get() instanceof Verdict verdict) {
            state.set(OVER);
            return decision(verdict);
        }
        return this;
    }

    @Override
    public void begin(Asker asker) {
        if (!state.compareAndSet(null, asker) && state.getAndSet(OVER) instanceof Verdict verdict) {
            answer(asker, verdict);
        }
    }

    @Override
    public void cancel() {
        if (state.getAndSet(OVER) instanceof Verdict verdict) {
            giveBack(verdict);
        }
    }

    private void answer(Asker asker, Verdict verdict) {
        Decision decision;
        try {
            decision = decision(verdict);
        } catch (OutOfMemoryError none) {
            asker.answer(new Refused(Failure.noMemory()));
            return;
        }
        if (!asker.answer(decision)) {
            giveBack(verdict);
        }
    }

    private Decision decision(Verdict verdict) {
        try {
            return decide.apply(verdict);
        } catch (RuntimeException | Error fault) {
            giveBack(verdict);
            throw fault;
        }
    }

    private static void giveBack(Verdict verdict) {
        if (verdict instanceof Taken taken) {
            taken.reservation().settle(0);
        }
    }
}
