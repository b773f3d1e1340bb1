package dev.sluice.admission.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.Account;
import dev.sluice.admission.Ledger.Reached;
import dev.sluice.admission.Ledger.Taken;
import dev.sluice.admission.Ledger.Verdict;
import dev.sluice.admission.Level;
import dev.sluice.config.Settings;
import dev.sluice.config.Settings.Shared.Unreachable;
import dev.sluice.config.StoreUrl;
import dev.sluice.it.Eventually;
import dev.sluice.relay.Alarms;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** A node: a ledger, and what it has logged. */
final class Node implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private final SharedLedger ledger;
    private final AtomicInteger lines = new AtomicInteger();

    private Node(Settings.Shared settings) {
        this.ledger = new SharedLedger(
                settings, new Alarms(Executors.newSingleThreadScheduledExecutor(Node::daemon)), line -> {
                    lines.incrementAndGet();
                    line.run();
                });
    }

    /** So patient with the store that a busy machine does not make it unreachable. */
    static Node start(StoreUrl url) throws InterruptedException {
        return start(url, Unreachable.LOCAL, Duration.ofSeconds(30));
    }

    static Node start(StoreUrl url, Unreachable unreachable, Duration lease) throws InterruptedException {
        return start(new Settings.Shared(url, Duration.ofSeconds(3), unreachable, lease));
    }

    /** As patient as nodes are. Returns when it has reached the store. */
    static Node startImpatient(StoreUrl url) throws InterruptedException {
        Node node = start(new Settings.Shared(url, Duration.ofMillis(100), Unreachable.LOCAL, Duration.ofSeconds(30)));
        node.awaitReachable();
        return node;
    }

    private static Node start(Settings.Shared settings) throws InterruptedException {
        Node node = new Node(settings);
        node.ledger.start();
        return node;
    }

    static StoreUrl at(int port) {
        return new StoreUrl(false, "127.0.0.1", port, null, null, 0);
    }

    SharedLedger ledger() {
        return ledger;
    }

    CompletableFuture<Verdict> ask(Account account, long tokens) {
        CompletableFuture<Verdict> verdict = new CompletableFuture<>();
        ledger.take(account, tokens, verdict::complete);
        return verdict;
    }

    Verdict take(Account account, long tokens) {
        return get(ask(account, tokens));
    }

    Taken taken(Account account, long tokens) {
        return (Taken) take(account, tokens);
    }

    Reached reached(Account account, long tokens) {
        return (Reached) take(account, tokens);
    }

    List<Level> levels(Account account) {
        CompletableFuture<List<Level>> levels = new CompletableFuture<>();
        ledger.read(account, levels::complete);
        return get(levels);
    }

    boolean isReachable() {
        return ledger.numbers().reachable();
    }

    void awaitReachable() {
        Eventually.until("the store is reachable", PATIENCE, this::isReachable);
    }

    /** Until it has noticed. */
    void awaitAway() {
        Eventually.until("the store is unreachable", PATIENCE, () -> !isReachable());
    }

    /** The number of lines that it has logged. */
    int lines() {
        return lines.get();
    }

    @Override
    public void close() {
        try {
            ledger.stop();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    static <T> T get(CompletableFuture<T> future) {
        try {
            T value = future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(value).isNotNull();
            return value;
        } catch (InterruptedException | ExecutionException | TimeoutException failure) {
            throw new AssertionError(failure);
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "test-clock");
        thread.setDaemon(true);
        return thread;
    }
}
