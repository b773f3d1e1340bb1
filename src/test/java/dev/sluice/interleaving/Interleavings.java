package dev.sluice.interleaving;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the threads of a {@link Play} in every order of their steps in which they are preempted at most a given number
 * of times in total. Few bugs need more than two preemptions. A step ends before each access to shared state. There,
 * {@link #step} is called: by the play itself, or by the classes that {@link SteppingLoader} loads.
 *
 * <p>Only one thread runs at a time, so an order is a sequence of choices, one at each step. Each run repeats the
 * choices of the run before, except for the last choice that has another option. All executions are sequentially
 * consistent, so the shared fields must be volatile, atomic, or guarded by such fields.
 */
public final class Interleavings {
    private static final int MOST_STEPS = 5_000;
    private static final ThreadLocal<@Nullable Actor> RUNNING = new ThreadLocal<>();

    private final int preemptions;

    // Guarded by the one thread that runs. A semaphore passes control to the next one.
    private final List<Choice> choices = new ArrayList<>();
    private final List<String> trace = new ArrayList<>();
    private List<Actor> actors = List.of();
    private int next; // of the choices
    private int preempted;
    private @Nullable Throwable failure;
    private @Nullable Turn end;

    private Interleavings(int preemptions) {
        this.preemptions = preemptions;
    }

    /**
     * Runs all orders.
     *
     * @return the number of orders
     * @throws AssertionError for the first order that fails, with its steps
     */
    public static int tryAll(int preemptions, Supplier<Play> plays) {
        var tried = new Interleavings(preemptions);
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "interleaving");
            thread.setDaemon(true);
            return thread;
        });
        try {
            int runs = 0;
            do {
                tried.run(plays.get(), threads);
                runs++;
            } while (tried.hasAnother());
            return runs;
        } finally {
            threads.shutdown();
        }
    }

    /** Called before the running thread accesses shared state. Does nothing in threads outside a play. */
    public static void step(String what) {
        Actor actor = RUNNING.get();
        if (actor != null) {
            actor.step(what);
        }
    }

    /**
     * Makes a thread of a play wait for a condition.
     *
     * @return false if no thread can continue, so that the condition never becomes true
     */
    public static boolean await(BooleanSupplier condition) {
        Actor actor = RUNNING.get();
        if (actor == null) {
            throw new IllegalStateException("no thread of a play");
        }
        return actor.await(condition);
    }

    private void run(Play play, ExecutorService threads) {
        next = 0;
        preempted = 0;
        failure = null;
        trace.clear();
        var over = new Turn();
        end = over;
        List<Actor> all = new ArrayList<>();
        play.threads().forEach((name, body) -> all.add(new Actor(name, body)));
        actors = all;
        all.forEach(actor -> threads.execute(actor::live));
        handOver(null);
        over.take();
        if (failure == null) {
            try {
                play.check();
            } catch (RuntimeException | Error wrong) {
                failure = wrong;
            }
        }
        if (failure != null) {
            throw new AssertionError(
                    failure.getMessage() + "\nin this order:\n  " + String.join("\n  ", trace), failure);
        }
    }

    /**
     * Takes the next option of the last choice that has one, and forgets the choices after it. Returns whether there is
     * one.
     */
    private boolean hasAnother() {
        while (!choices.isEmpty()) {
            Choice last = choices.remove(choices.size() - 1);
            if (last.taken + 1 < last.options) {
                choices.add(new Choice(last.taken + 1, last.options));
                return true;
            }
        }
        return false;
    }

    /**
     * Chooses the thread that continues.
     *
     * @param from the thread that has run until now; null at the beginning
     */
    private void handOver(@Nullable Actor from) {
        Actor to = choose(from);
        if (to == null) {
            for (Actor actor : actors) { // the condition of each waiting thread never becomes true
                if (!actor.done && actor.condition != null) {
                    actor.condition = null;
                    actor.inVain = true;
                    to = actor;
                    break;
                }
            }
        }
        if (to == from && from != null) {
            return;
        }
        if (to == null) {
            if (end != null) {
                end.give();
            }
        } else {
            to.turn.give();
        }
        if (from != null && !from.done) {
            from.turn.take();
        }
    }

    private @Nullable Actor choose(@Nullable Actor from) {
        List<Actor> able = new ArrayList<>();
        boolean goesOn = from != null && from.isAble();
        if (goesOn) {
            able.add(from);
        }
        if (!goesOn || preempted < preemptions) {
            for (Actor actor : actors) {
                if (actor != from && actor.isAble()) {
                    able.add(actor);
                }
            }
        }
        if (able.isEmpty()) {
            return null;
        }
        Actor to = able.get(able.size() == 1 ? 0 : choice(able.size()));
        preempted += goesOn && to != from ? 1 : 0;
        return to;
    }

    private int choice(int options) {
        if (next == choices.size()) {
            choices.add(new Choice(0, options));
        }
        Choice made = choices.get(next++);
        if (made.options != options) {
            throw new IllegalStateException("The play does not do the same each time");
        }
        return made.taken;
    }

    private record Choice(int taken, int options) {}

    /** The semaphore that lets one thread continue. */
    private static final class Turn extends Semaphore {
        private static final long serialVersionUID = 1;

        Turn() {
            super(0);
        }

        void give() {
            release();
        }

        void take() {
            acquireUninterruptibly();
        }
    }

    /** One thread of the play. */
    private final class Actor {
        private final String name;
        private final Runnable body;
        private final Turn turn = new Turn();
        private @Nullable BooleanSupplier condition;
        private boolean inVain;
        private boolean looking;
        private boolean done;

        Actor(String name, Runnable body) {
            this.name = name;
            this.body = body;
        }

        void live() {
            turn.take();
            RUNNING.set(this);
            try {
                body.run();
            } catch (RuntimeException | Error wrong) {
                if (failure == null) {
                    failure = wrong;
                }
            } finally {
                RUNNING.remove();
                done = true;
                handOver(this);
            }
        }

        void step(String what) {
            if (looking) {
                return;
            }
            handOver(this);
            trace.add(name + ": " + what);
            if (trace.size() > MOST_STEPS) {
                throw new AssertionError("It does not end");
            }
        }

        boolean await(BooleanSupplier until) {
            inVain = false;
            condition = until;
            handOver(this);
            condition = null;
            return !inVain;
        }

        boolean isAble() {
            if (done) {
                return false;
            }
            BooleanSupplier until = condition;
            if (until == null) {
                return true;
            }
            Actor asking = RUNNING.get();
            if (asking == null) {
                return until.getAsBoolean();
            }
            asking.looking = true; // checking a condition is not a step
            try {
                return until.getAsBoolean();
            } finally {
                asking.looking = false;
            }
        }
    }
}
