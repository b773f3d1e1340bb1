package dev.sluice.admission.redis;

import dev.sluice.admission.Account;
import dev.sluice.admission.Ledger.Reservation;
import dev.sluice.admission.Ledger.Taken;
import dev.sluice.admission.Ledger.Verdict;
import dev.sluice.admission.Level;
import dev.sluice.admission.Limit;
import dev.sluice.admission.Limit.Unit;
import dev.sluice.config.Rate.Period;
import dev.sluice.it.Eventually;
import dev.sluice.it.Needs;
import dev.sluice.it.RedisServer;
import dev.sluice.it.SlowPath;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three nodes take and settle at random, while their connections are lost at random, with scripts under way, and the store drops
 * its scripts. In the end nothing is held, and what is spent is what was used.
 */
@Needs(program = "redis-server")
final class RandomInterleavingsTest {
    private static final int NODES = 3;
    private static final int STEPS = 1500;
    private static final int ACCOUNTS = 4;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void count_afterAnyInterleaving_isWhatWasUsed(long seed) throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            List<SlowPath> paths = new ArrayList<>();
            List<Node> nodes = new ArrayList<>();
            try {
                for (int i = 0; i < NODES; i++) {
                    paths.add(SlowPath.to(redis.port()));
                    nodes.add(Node.start(Node.at(paths.get(i).port())));
                }
                run(new Random(seed), redis, paths, nodes);
            } finally {
                nodes.forEach(Node::close);
                for (SlowPath path : paths) {
                    path.close();
                }
            }
        }
    }

    private static void run(Random random, RedisServer redis, List<SlowPath> paths, List<Node> nodes)
            throws IOException {
        long[] used = new long[ACCOUNTS];
        long[] requests = new long[ACCOUNTS];
        List<Queue<Reservation>> open = new ArrayList<>();
        for (int i = 0; i < ACCOUNTS; i++) {
            open.add(new ConcurrentLinkedQueue<>());
        }
        List<List<CompletableFuture<Verdict>>> verdicts = new ArrayList<>();
        for (int i = 0; i < ACCOUNTS; i++) {
            verdicts.add(new ArrayList<>());
        }
        for (int step = 0; step < STEPS; step++) {
            int which = random.nextInt(ACCOUNTS);
            int kind = random.nextInt(1000);
            if (kind < 550) {
                CompletableFuture<Verdict> verdict =
                        nodes.get(random.nextInt(NODES)).ask(account(which), random.nextInt(40));
                verdicts.get(which).add(verdict);
                CompletableFuture<Void> unused = verdict.thenAccept(each -> {
                    if (each instanceof Taken taken) {
                        open.get(which).add(taken.reservation());
                    }
                });
            } else if (kind < 985) {
                Reservation reservation = open.get(which).poll();
                if (reservation != null) {
                    int tokens = random.nextInt(50);
                    used[which] += tokens;
                    reservation.settle(tokens);
                }
            } else if (kind < 995) {
                paths.get(random.nextInt(NODES)).loseConnections();
            } else if (kind < 998) {
                SlowPath path = paths.get(random.nextInt(NODES));
                path.cut();
                Eventually.until(
                        "a moment has passed", Node.PATIENCE, after(Duration.ofMillis(random.nextInt(60)))::isPast);
                path.mend();
            } else {
                redis.command("SCRIPT", "FLUSH");
            }
        }
        for (int i = 0; i < ACCOUNTS; i++) {
            for (CompletableFuture<Verdict> verdict : verdicts.get(i)) {
                if (Node.get(verdict) instanceof Taken) {
                    requests[i]++;
                }
            }
            for (Reservation left : open.get(i)) {
                left.settle(0);
            }
        }
        nodes.forEach(Node::awaitReachable);
        for (int i = 0; i < ACCOUNTS; i++) {
            Account account = account(i);
            List<Long> expected = List.of(0L, 0L, 0L, requests[i], used[i]);
            for (Node node : nodes) {
                Eventually.until(
                        "all is counted: " + expected, Node.PATIENCE, () -> numbers(node, account), expected::equals);
            }
        }
    }

    /** The streams and tokens that are held, and what is spent. */
    private static List<Long> numbers(Node node, Account account) {
        List<Level> levels = node.levels(account);
        return List.of(
                levels.get(0).held(),
                levels.get(0).spent(),
                levels.get(2).held(),
                levels.get(1).spent(),
                levels.get(2).spent());
    }

    /** Less than one unit is regained of them while the test runs. What they allow is less than what is asked for. */
    private static Account account(int number) {
        return new Account(
                "plan",
                "holder " + number,
                List.of(
                        new Limit(Unit.STREAMS, 40, null),
                        new Limit(Unit.REQUESTS, 190, Period.DAY),
                        new Limit(Unit.TOKENS, 3500, Period.DAY)));
    }

    private static Moment after(Duration time) {
        return new Moment(System.nanoTime() + time.toNanos());
    }

    private record Moment(long nanoTime) {
        boolean isPast() {
            return System.nanoTime() - nanoTime >= 0;
        }
    }
}
