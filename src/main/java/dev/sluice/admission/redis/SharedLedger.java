package dev.sluice.admission.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import dev.sluice.admission.Account;
import dev.sluice.admission.Ledger;
import dev.sluice.admission.Level;
import dev.sluice.admission.redis.SharedAccount.Alone;
import dev.sluice.admission.redis.SharedAccount.Restoration;
import dev.sluice.config.Settings;
import dev.sluice.config.Settings.Shared.Unreachable;
import dev.sluice.relay.Clock;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.CommandArgs;
import io.netty.channel.EventLoop;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts together with other nodes, in a Redis. Each step is one script there, so that it is atomic among all nodes.
 *
 * <p>Each connection has a number. The store accepts scripts of the latest connection only. On it, the answers tell exactly what
 * was done. When it is lost, nobody knows what becomes of the scripts that were not answered. So the next connection begins by
 * telling, for each account that matters, what this node holds and all that it has spent ({@code restore.lua}). The store knows
 * what it has counted of that, and counts the rest, once.
 *
 * <pre>
 *   AWAY ──connected, joined, and answered in time──▶ JOINED
 *     ▲                                                 │
 *     └──connection lost, an answer late, an error──────┘
 * </pre>
 *
 * <p>While it is AWAY, nobody waits for the store. {@link SharedAccount} goes on counting from the levels that it was told last.
 *
 * <p>Consumers are told in the call, or by the thread of the connection, which then goes on to call the upstream or to write a
 * refusal. That must not block, and takes some ten microseconds.
 */
public final class SharedLedger implements Ledger {
    private static final Logger LOG = LoggerFactory.getLogger(SharedLedger.class);

    /** The time for the answer to the first script of a connection, before classes are loaded on both sides. */
    private static final long JOIN_NANOS = StoreClient.CONNECT_TIMEOUT.toNanos();

    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 2000;
    private static final Duration START_WAIT = Duration.ofSeconds(2);
    private static final Duration STOP_WAIT = Duration.ofSeconds(1);

    /** How long the store remembers a node after its lease. */
    private static final Duration MEMORY = Duration.ofHours(1);

    /** Restorations that are sent ahead of their answers, so that other steps do not wait for all of them. */
    private static final int RESTORED_AT_ONCE = 64;

    /** The accounts that are kept. Together, they take about 50 MB. */
    private static final int MOST_ACCOUNTS = 100_000;

    private static final Duration SWEEP = Duration.ofMinutes(1);

    /** Less than the three hours for which the store keeps an account that is held. */
    private static final Duration TOUCH = Duration.ofHours(1);

    private static final byte[] STORE = (Session.PREFIX + "store").getBytes(US_ASCII);
    private static final byte[] TWO_KEYS = {'2'};

    /** Made before memory is short. */
    private static final Unknown NOT_KNOWN = new Unknown();

    private final Settings.Shared settings;
    private final String shown;
    private final Clock clock;
    private final Executor log;
    private final long timeoutNanos;
    private final byte[] lease;
    private final byte[] node = randomName();
    private final StoreClient client;
    private final CountDownLatch firstTry = new CountDownLatch(1);

    private final Map<SharedAccount.Key, SharedAccount> accounts = new ConcurrentHashMap<>();
    private final AtomicLong counts = new AtomicLong();

    /** What is to be sent. */
    private final Queue<Runnable> asked = new ConcurrentLinkedQueue<>();

    /** Whether the thread of the connection is going to look at {@link #asked}. */
    private final AtomicBoolean woken = new AtomicBoolean();

    /** The number of the connection if the node counts together with others; 0 while it does not. Set by the loop. */
    private volatile int joined;

    /** The thread of the connection. Set by {@link #start}. */
    private volatile @Nullable EventLoop thread;

    // The rest is confined to the thread of the connection.

    /** The connection, if there is one, whether the node has joined or not. */
    private @Nullable Session session;

    private int connections;

    /** The number of the try to connect that is under way; 0 for none. */
    private int trying;

    private long pauseMillis;
    private boolean toldAway;
    private boolean everJoined;
    private boolean stopped;

    /** The name of the store that was joined last; another one has none of its data. */
    private @Nullable String store;

    /** Whether accounts have to be told to a store that has lost its data. */
    private boolean storeLost;

    private final ArrayDeque<SharedAccount> toRestore = new ArrayDeque<>();
    private int restoring;

    // Written by the thread of the connection, read by any.
    private final LongAdder outages = new LongAdder();
    private final LongAdder steps = new LongAdder();
    private final LongAdder stepNanos = new LongAdder();
    private volatile long latestNanos;
    private volatile long awaySince;

    /**
     * Starts nothing.
     *
     * @param log writes lines of the log, because a log may block
     */
    public SharedLedger(Settings.Shared settings, Clock clock, Executor log) {
        this.settings = settings;
        this.shown = settings.url().shown();
        this.clock = clock;
        this.log = log;
        this.timeoutNanos = settings.timeout().toNanos();
        this.lease = micros(settings.lease());
        this.awaySince = clock.nanoTime();
        this.client = new StoreClient(settings.url());
    }

    /** Connects. Waits a short time for the store, so that the first requests are counted together already. */
    public void start() throws InterruptedException {
        EventLoop loop = client.open();
        thread = loop;
        loop.execute(this::connect);
        Future<?> unused =
                loop.scheduleAtFixedRate(this::sweep, SWEEP.toSeconds(), SWEEP.toSeconds(), TimeUnit.SECONDS);
        long renewal = settings.lease().toNanos() / 3;
        Future<?> unusedToo = loop.scheduleAtFixedRate(this::renew, renewal, renewal, TimeUnit.NANOSECONDS);
        firstTry.await(START_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Leaves the other nodes and ends the thread. To be called when all streams have ended. Blocks for some seconds at most. */
    public void stop() throws InterruptedException {
        EventLoop loop = thread;
        if (loop == null) {
            return; // it was never started
        }
        CountDownLatch left = new CountDownLatch(1);
        loop.execute(() -> leave(left));
        left.await(STOP_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        loop.execute(this::end);
        client.close();
    }

    @Override
    public void take(Account account, long tokens, Consumer<Verdict> told) {
        if (joined == 0) {
            takeAlone(account, tokens, told);
        } else {
            ask(() -> take(new Take(account, tokens, told)));
        }
    }

    @Override
    public void read(Account account, Consumer<List<Level>> told) {
        if (joined == 0) {
            tell(told, known(account).levels(account.limits()));
        } else {
            ask(() -> read(new Read(account, told)));
        }
    }

    /** Any thread may call it. */
    public StoreNumbers numbers() {
        boolean reachable = joined != 0;
        return new StoreNumbers(
                reachable,
                outages.sum(),
                reachable ? Duration.ZERO : Duration.ofNanos(clock.nanoTime() - awaySince),
                steps.sum(),
                Duration.ofNanos(stepNanos.sum()),
                Duration.ofNanos(latestNanos));
    }

    // Any thread.

    private void ask(Runnable step) {
        asked.add(step);
        if (woken.compareAndSet(false, true)) {
            try {
                loop().execute(this::work);
            } catch (RejectedExecutionException stopping) {
                work(); // the thread has ended: nothing is sent any more
            }
        }
    }

    private SharedAccount known(Account account) {
        SharedAccount.Key key = new SharedAccount.Key(account.plan(), account.holder());
        SharedAccount known = accounts.get(key);
        return known != null && !known.isForgotten()
                ? known
                : accounts.compute(
                        key,
                        (same, old) -> old == null || old.isForgotten()
                                ? new SharedAccount(same, counts.incrementAndGet(), clock)
                                : old);
    }

    private void takeAlone(Account account, long tokens, Consumer<Verdict> told) {
        Verdict verdict;
        try {
            verdict = settings.unreachable() == Unreachable.REFUSE ? NOT_KNOWN : takenAlone(account, tokens);
        } catch (RuntimeException | Error fault) { // such as the one for want of memory
            verdict = NOT_KNOWN;
            failed(fault);
        }
        tell(told, verdict);
    }

    private Verdict takenAlone(Account account, long tokens) {
        boolean anyhow = settings.unreachable() == Unreachable.ALLOW;
        Hold hold;
        Alone alone;
        do { // again if it was just forgotten
            hold = new Hold(known(account), tokens);
            alone = hold.account.takeAlone(account.limits(), tokens, anyhow);
        } while (alone == null);
        if (!alone.fits()) {
            tellLater(hold.account);
            return reached(alone.levels(), tokens);
        }
        try {
            tellLater(hold.account);
            return new Taken(hold, alone.levels());
        } catch (RuntimeException | Error fault) {
            hold.settle(0);
            throw fault;
        }
    }

    private void failed(Throwable fault) {
        try {
            say(() -> LOG.error("A request could not be counted, for a fault of Sluice", fault));
        } catch (RuntimeException | Error noMemory) {
            // The log has failed too, for want of memory.
        }
    }

    /** A fault of one consumer must not keep others from what they wait for. */
    private <T> void tell(Consumer<T> told, T what) {
        try {
            told.accept(what);
        } catch (RuntimeException | Error fault) {
            say(() -> LOG.error("A request could not go on with what it is allowed, for a fault of Sluice", fault));
        }
    }

    /** Levels are rounded. If they say that the request fits all the same, it will in no time. */
    private static Reached reached(List<Level> levels, long tokens) {
        Reached reached = Reached.of(levels, tokens);
        Level first = levels.get(0);
        return reached != null ? reached : new Reached(first, first.limit().need(tokens), Duration.ofMillis(1), levels);
    }

    /** If the node has joined in the meantime, what it has done alone is told to the store now. */
    private void tellLater(SharedAccount account) {
        if (joined != 0) {
            ask(() -> bringIn(account));
        }
    }

    private void settled(SharedAccount account, int epoch, long held, long used) {
        if (joined != 0) {
            ask(() -> settle(account, epoch, held, used));
        }
    }

    // The thread of the connection.

    private void work() {
        woken.set(false);
        for (Runnable step = asked.poll(); step != null; step = asked.poll()) {
            try {
                step.run();
            } catch (RuntimeException | Error fault) { // of a consumer, say
                say(() -> LOG.error("A step of the shared count failed for a fault of Sluice", fault));
            }
        }
    }

    private void take(Take take) {
        if (joined == 0) {
            take.lost();
            return;
        }
        bringIn(take.account());
        take.account().taking();
        send(take);
    }

    private void read(Read read) {
        if (joined == 0) {
            read.lost();
            return;
        }
        bringIn(read.account());
        send(read);
    }

    private void settle(SharedAccount account, int epoch, long held, long used) {
        if (joined != 0 && epoch == joined) {
            send(new Settle(account, held, 1, used));
        } else if (joined != 0) {
            bringIn(account);
        }
    }

    /** Tells the store what this node knows of an account, unless that was done on this connection. */
    private void bringIn(SharedAccount account) {
        if (account.epoch() != joined) {
            Restoration restoration = account.restoration(joined, storeLost);
            if (restoration != null) {
                send(new Restore(account, restoration, false));
            }
        }
    }

    private void send(Step step) {
        Session open = session;
        if (open != null) {
            open.send(step, timeoutNanos);
        }
    }

    private void connect() {
        if (stopped) {
            return;
        }
        int number = ++connections;
        trying = number;
        EventLoop loop = loop();
        Future<?> unused = loop.schedule(() -> giveUp(number), 2 * JOIN_NANOS, TimeUnit.NANOSECONDS);
        try {
            CompletionStage<?> unusedToo = client.connect(loop).whenComplete((connection, fault) -> {
                if (loop.inEventLoop()) {
                    connected(number, connection, fault);
                } else {
                    loop.execute(() -> connected(number, connection, fault));
                }
            });
        } catch (RuntimeException | Error fault) { // for want of memory, say
            away(Trouble.of(fault));
        }
    }

    private void connected(
            int number, @Nullable StatefulRedisConnection<String, String> connection, @Nullable Throwable fault) {
        if (number != trying || stopped) {
            if (connection != null) {
                CompletableFuture<Void> unused = connection.closeAsync();
            }
            return;
        }
        if (connection == null) {
            away(fault == null ? "it does not take the connection" : Trouble.of(fault));
            return;
        }
        session = new Session(loop(), connection, clock, node, number, this::lost, this::measured);
        session.send(new Join(number), JOIN_NANOS);
    }

    private void giveUp(int number) {
        if (number == trying) {
            Session open = session;
            if (open != null) {
                lost(open, "it does not take the connection in time");
            } else {
                away("it does not take the connection in time");
            }
        }
    }

    private void joined(int number, String name) {
        storeLost |= store != null && !store.equals(name);
        store = name;
        // Now that all code is loaded on both sides: is it fast enough?
        send(new Renew(() -> together(number)));
    }

    private void together(int number) {
        trying = 0;
        pauseMillis = 0;
        joined = number;
        Duration away = Duration.ofNanos(clock.nanoTime() - awaySince);
        if (toldAway) {
            say(() -> LOG.info(
                    "The store {} is reachable again, after {} ms: the nodes count together", shown, away.toMillis()));
        } else if (!everJoined) {
            say(() -> LOG.info("The nodes count together in the store {}", shown));
        }
        toldAway = false;
        everJoined = true;
        firstTry.countDown();
        for (SharedAccount account : accounts.values()) {
            if (storeLost || account.isToBeRestored()) {
                toRestore.add(account);
            }
        }
        restoreNext();
    }

    private void restoreNext() {
        while (joined != 0 && restoring < RESTORED_AT_ONCE && !toRestore.isEmpty()) {
            SharedAccount account = toRestore.remove();
            if (account.epoch() != joined) {
                Restoration restoration = account.restoration(joined, storeLost);
                if (restoration != null) {
                    restoring++;
                    send(new Restore(account, restoration, true));
                }
            }
        }
        if (toRestore.isEmpty() && restoring == 0) {
            storeLost = false; // all accounts that were known then are told
        }
    }

    /** The connection does not work any more. */
    private void lost(Session gone, String why) {
        List<Step> open = gone.close();
        if (gone == session) {
            session = null;
            boolean was = joined != 0;
            joined = 0;
            toRestore.clear();
            restoring = 0;
            if (was) {
                awaySince = clock.nanoTime();
                outages.increment();
            }
            away(why);
        }
        open.forEach(Step::lost);
    }

    private void away(String why) {
        trying = 0;
        firstTry.countDown();
        if (!toldAway) {
            toldAway = true;
            say(() -> LOG.warn(
                    "The store {} is unreachable: {}. Until it is back, {} (sluice.shared.unreachable={})",
                    shown,
                    why,
                    switch (settings.unreachable()) {
                        case LOCAL -> "this node counts alone";
                        case REFUSE -> "requests of callers with limits are refused";
                        case ALLOW -> "requests are let in whatever their limits";
                    },
                    settings.unreachable().label()));
        }
        if (!stopped) {
            Future<?> unused = loop().schedule(this::connect, pauseMillis, TimeUnit.MILLISECONDS);
            pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, Math.max(FIRST_PAUSE_MILLIS, pauseMillis * 2));
        }
    }

    private void renew() {
        if (joined != 0) {
            send(new Renew(() -> {}));
        }
    }

    /** Forgets the accounts that are whole, and tells the store of those that are held for long. */
    private void sweep() {
        long longAgo = clock.nanoTime() - TOUCH.toNanos();
        boolean crowded = accounts.size() > MOST_ACCOUNTS;
        accounts.values().removeIf(account -> account.forget(crowded));
        for (SharedAccount account : accounts.values()) {
            if (joined != 0 && account.epoch() == joined && account.isHeldSince(longAgo)) {
                account.touched();
                send(new Settle(account, 0, 0, 0));
            }
        }
    }

    private void leave(CountDownLatch left) {
        stopped = true;
        work();
        if (joined == 0) {
            left.countDown();
        } else {
            send(new Leave(left));
        }
    }

    private void end() {
        joined = 0;
        Session open = session;
        session = null;
        if (open != null) {
            open.close().forEach(Step::lost);
        }
    }

    private void measured(long nanos) {
        steps.increment();
        stepNanos.add(nanos);
        latestNanos = nanos;
    }

    private EventLoop loop() {
        return requireNonNull(thread, "not started");
    }

    private void say(Runnable line) {
        log.execute(line);
    }

    private static byte[] micros(Duration time) {
        return Long.toString(time.toNanos() / 1000).getBytes(US_ASCII);
    }

    private static byte[] randomName() {
        byte[] random = new byte[12];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encode(random);
    }

    /** What one request has taken. */
    private final class Hold implements Reservation {
        private final SharedAccount account;
        private final long held;
        private final AtomicBoolean settled = new AtomicBoolean();

        Hold(SharedAccount account, long held) {
            this.account = account;
            this.held = held;
        }

        @Override
        public void settle(long used) {
            if (settled.compareAndSet(false, true)) {
                settled(account, account.settle(held, used), held, used);
            }
        }
    }

    /** A script that concerns the nodes. */
    private abstract static class NodeStep extends Step {
        NodeStep(Script script) {
            super(script);
        }

        /** Adds the nodes and another key. */
        static void addKeys(CommandArgs<String, String> command, byte[] other) {
            command.add(TWO_KEYS).add(Session.NODES).add(other);
        }
    }

    private final class Join extends NodeStep {
        private final int number;

        Join(int number) {
            super(Script.JOIN);
            this.number = number;
        }

        @Override
        void addTo(CommandArgs<String, String> command, byte[] node, byte[] connection) {
            addKeys(command, STORE);
            command.add(node).add(connection).add(lease).add(randomName());
        }

        @Override
        void answered(Answer answer) {
            joined(number, answer.word());
        }
    }

    private final class Renew extends NodeStep {
        private final Runnable then;

        Renew(Runnable then) {
            super(Script.RENEW);
            this.then = then;
        }

        @Override
        void addTo(CommandArgs<String, String> command, byte[] node, byte[] connection) {
            addKeys(command, STORE);
            command.add(node).add(connection).add(lease).add(micros(MEMORY));
        }

        @Override
        void answered(Answer answer) {
            then.run();
        }
    }

    private static final class Leave extends NodeStep {
        private final CountDownLatch left;

        Leave(CountDownLatch left) {
            super(Script.LEAVE);
            this.left = left;
        }

        @Override
        void addTo(CommandArgs<String, String> command, byte[] node, byte[] connection) {
            addKeys(command, STORE);
            command.add(node).add(connection);
        }

        @Override
        void answered(Answer answer) {
            left.countDown();
        }

        @Override
        void lost() {
            left.countDown();
        }
    }

    /** A script that concerns an account. */
    private abstract static class AccountStep extends Step {
        private final SharedAccount account;
        private final Terms terms;

        AccountStep(Script script, SharedAccount account, Terms terms) {
            super(script);
            this.account = account;
            this.terms = terms;
        }

        final SharedAccount account() {
            return account;
        }

        /** The levels that the store tells; the account knows them from now on. */
        final List<Level> levels(Answer answer) {
            account.told(terms, answer);
            return terms.levels(answer.spent(), answer.tokens(), answer.streams());
        }

        @Override
        final void addTo(CommandArgs<String, String> command, byte[] node, byte[] connection) {
            NodeStep.addKeys(command, account.name());
            command.add(node).add(connection).add(account.count()).add(terms.text());
            addTo(command);
        }

        abstract void addTo(CommandArgs<String, String> command);
    }

    private final class Take extends AccountStep {
        private final Account asked;
        private final long tokens;
        private final Consumer<Verdict> told;
        private final Hold hold;

        Take(Account asked, long tokens, Consumer<Verdict> told) {
            this(asked, known(asked), tokens, told);
        }

        private Take(Account asked, SharedAccount account, long tokens, Consumer<Verdict> told) {
            super(Script.TAKE, account, account.terms(asked.limits()));
            this.asked = asked;
            this.tokens = tokens;
            this.told = told;
            this.hold = new Hold(account, tokens);
        }

        @Override
        void addTo(CommandArgs<String, String> command) {
            command.add(SharedAccount.bounded(tokens));
        }

        @Override
        void answered(Answer answer) {
            boolean taken = answer.word().equals("taken");
            if (taken) {
                account().taken(tokens);
            } else {
                account().notTaken();
            }
            Verdict verdict;
            try {
                List<Level> levels = levels(answer);
                verdict = taken ? new Taken(hold, levels) : reached(levels, tokens);
            } catch (RuntimeException | Error fault) { // such as the one for want of memory
                verdict = NOT_KNOWN;
                if (taken) {
                    hold.settle(0);
                }
                failed(fault);
            }
            tell(told, verdict);
        }

        @Override
        void lost() {
            takeAlone(asked, tokens, told);
        }
    }

    private final class Read extends AccountStep {
        private final Account asked;
        private final Consumer<List<Level>> told;

        Read(Account asked, Consumer<List<Level>> told) {
            this(asked, known(asked), told);
        }

        private Read(Account asked, SharedAccount account, Consumer<List<Level>> told) {
            super(Script.READ, account, account.terms(asked.limits()));
            this.asked = asked;
            this.told = told;
        }

        @Override
        void addTo(CommandArgs<String, String> command) {}

        @Override
        void answered(Answer answer) {
            tell(told, levels(answer));
        }

        @Override
        void lost() {
            tell(told, account().levels(asked.limits()));
        }
    }

    private static final class Settle extends AccountStep {
        private final long held;
        private final int streams;
        private final long used;

        Settle(SharedAccount account, long held, int streams, long used) {
            super(Script.SETTLE, account, account.terms());
            this.held = held;
            this.streams = streams;
            this.used = used;
        }

        @Override
        void addTo(CommandArgs<String, String> command) {
            command.add(SharedAccount.bounded(held)).add(streams).add(SharedAccount.bounded(used));
        }

        @Override
        void answered(Answer answer) {
            account().counted(streams, used);
            levels(answer);
        }
    }

    private final class Restore extends AccountStep {
        private final Restoration restoration;
        private final boolean inTurn;

        /** @param inTurn whether it is one of those that begin a connection */
        Restore(SharedAccount account, Restoration restoration, boolean inTurn) {
            super(Script.RESTORE, account, restoration.terms());
            this.restoration = restoration;
            this.inTurn = inTurn;
        }

        @Override
        void addTo(CommandArgs<String, String> command) {
            command.add(restoration.heldTokens())
                    .add(restoration.streams())
                    .add(restoration.tokens())
                    .add(restoration.requests())
                    .add(restoration.countedTokens())
                    .add(restoration.countedRequests())
                    .add(String.valueOf(restoration.lost()))
                    .add(restoration.sinceToldMicros())
                    .add(restoration.levels());
        }

        @Override
        void answered(Answer answer) {
            account().restored(restoration);
            levels(answer);
            if (inTurn) {
                restoring--;
                restoreNext();
            }
        }
    }
}
