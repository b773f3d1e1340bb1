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
 * Tries every order in which the threads of a {@link Play} can take their steps, as long as none is preempted more often
 * than a given number of times in all. Few faults need more than two preemptions. A step ends before each access to what
 * threads share: {@link #step} is called there, by the play itself or by the classes that {@link SteppingLoader} loads.
 *
 * <p>Only one thread runs at a time, so an order is given by a choice at each step; each run follows the choices of the
 * one before but for the last that has another option. What is tried are sequentially consistent executions: the shared
 * fields must be volatile, atomic, or guarded by those that are.
 */
public final class Interleavings {
    private static final int MOST_STEPS = 5_000;
    private static final ThreadLocal<@Nullable Actor> RUNNING = new ThreadLocal<>();

    private final int preemptions;

    // Guarded by being the one thread that runs: each hands over by a semaphore.
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
     * Tries them all.
     *
     * @return how many there are
     * @throws AssertionError of the first that goes wrong, with its steps
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

    /** The running thread is about to access something shared. Does nothing elsewhere. */
    public static void step(String what) {
        Actor actor = RUNNING.get();
        if (actor != null) {
            actor.step(what);
        }
    }

    /**
     * Waits in a thread of a play.
     *
     * @return false if no thread can go on, so that it never becomes true
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

    /** The last choice that has another option takes it, and what came behind is open again. */
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
     * Chooses who goes on.
     *
     * @param from who ran until now; null at the beginning
     */
    private void handOver(@Nullable Actor from) {
        Actor to = choose(from);
        if (to == null) {
            for (Actor actor : actors) { // those who wait do so in vain
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

    /** What lets one thread go on. */
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
            asking.looking = true; // a look is no step
            try {
                return until.getAsBoolean();
            } finally {
                asking.looking = false;
            }
        }
    }
}
