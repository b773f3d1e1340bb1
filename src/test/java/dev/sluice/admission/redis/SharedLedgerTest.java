package dev.sluice.admission.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.admission.Account;
import dev.sluice.admission.Ledger.Reached;
import dev.sluice.admission.Ledger.Reservation;
import dev.sluice.admission.Ledger.Taken;
import dev.sluice.admission.Ledger.Unknown;
import dev.sluice.admission.Ledger.Verdict;
import dev.sluice.admission.Level;
import dev.sluice.admission.Limit;
import dev.sluice.admission.Limit.Unit;
import dev.sluice.config.Rate.Period;
import dev.sluice.config.Secret;
import dev.sluice.config.Settings.Shared.Unreachable;
import dev.sluice.config.StoreUrl;
import dev.sluice.it.Eventually;
import dev.sluice.it.Needs;
import dev.sluice.it.RedisServer;
import dev.sluice.it.SlowPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nodes count together in a real Redis, whatever becomes of it. */
@Needs(program = "redis-server")
final class SharedLedgerTest {
    private static final Duration LEASE = Duration.ofSeconds(30);

    /** Little of them is regained while a test runs. */
    private static final Limit STREAMS = new Limit(Unit.STREAMS, 100, null);

    private static final Limit REQUESTS = new Limit(Unit.REQUESTS, 1000, Period.DAY);
    private static final Limit TOKENS = new Limit(Unit.TOKENS, 10_000, Period.DAY);
    private static final Account TEAM = new Account("team", "ada", List.of(STREAMS, REQUESTS, TOKENS));

    @SuppressWarnings("NullAway.Init")
    private RedisServer redis;

    @BeforeEach
    void start() throws IOException {
        redis = RedisServer.start();
    }

    @AfterEach
    void stop() {
        redis.close();
    }

    @Test
    void requests_ofThreeNodesAtOnce_areLetInAsManyAsFit() throws Exception {
        Account ten = new Account("team", "all", List.of(new Limit(Unit.REQUESTS, 10, Period.DAY)));
        try (Node a = node();
                Node b = node();
                Node c = node()) {
            List<CompletableFuture<Verdict>> asked = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                asked.add(List.of(a, b, c).get(i % 3).ask(ten, 5));
            }
            List<Verdict> verdicts = asked.stream().map(Node::get).toList();
            assertThat(verdicts.stream().filter(Taken.class::isInstance)).hasSize(10);
            assertThat(verdicts.stream().filter(Reached.class::isInstance)).hasSize(190);
            assertThat(List.of(a.lines(), b.lines(), c.lines()))
                    .as("lines of the log")
                    .containsOnly(1);
        }
    }

    @Test
    void tokens_areHeldForAllNodesAndThenSpentAsUsed() throws Exception {
        try (Node a = node();
                Node b = node()) {
            Taken taken = a.taken(TEAM, 6000);
            assertThat(taken.levels().get(2).held()).isEqualTo(6000);
            Reached reached = b.reached(TEAM, 5000);
            assertThat(reached.level().limit()).isEqualTo(TOKENS);
            assertThat(reached.level().held()).isEqualTo(6000);
            assertThat(reached.need()).isEqualTo(5000);
            assertThat(reached.again()).isPositive();
            taken.reservation().settle(700);
            taken.reservation().settle(700); // counts once
            Eventually.until("the other node sees it", Node.PATIENCE, () -> held(b) == 0);
            assertThat(spent(b)).containsExactly(0L, 1L, 700L);
            assertThat(b.taken(TEAM, 5000).levels().get(0).held()).isEqualTo(1);
        }
    }

    @Test
    void request_thatNeedsMoreThanThereIsAtAll_isLetInAloneAndLeavesADebt() throws Exception {
        try (Node a = node()) {
            Taken taken = a.taken(TEAM, 50_000);
            taken.reservation().settle(40_000);
            Reached reached = a.reached(TEAM, 1);
            assertThat(reached.level().spent()).isEqualTo(40_000);
            assertThat(reached.again()).isGreaterThan(Duration.ofDays(2));
        }
    }

    @Test
    void node_thatIsLost_holdsNothingAfterItsLease() throws Exception {
        Duration lease = Duration.ofSeconds(1);
        try (SlowPath path = SlowPath.to(redis.port());
                Node a = Node.start(Node.at(path.port()), Unreachable.LOCAL, lease);
                Node b = Node.start(Node.at(redis.port()), Unreachable.LOCAL, lease)) {
            a.taken(TEAM, 10_000);
            path.cut();
            a.awaitAway();
            assertThat(held(b)).as("while the lease runs").isEqualTo(10_000);
            Eventually.until("its lease has ended", Node.PATIENCE, () -> held(b) == 0);
            b.taken(TEAM, 9_000);
            path.mend();
            a.awaitReachable();
            assertThat(held(b)).as("when it is back").isEqualTo(19_000);
        }
    }

    @Test
    void stream_thatEndsUnusedWhileTheStoreIsAway_isHeldNoLonger() throws Exception {
        try (SlowPath path = SlowPath.to(redis.port());
                Node a = Node.start(Node.at(path.port()));
                Node b = node()) {
            Reservation unused = a.taken(TEAM, 1000).reservation();
            assertThat(held(b)).isEqualTo(1000);
            path.cut();
            a.awaitAway();
            unused.settle(0);
            path.mend();
            a.awaitReachable();
            Eventually.until("nothing is held", Node.PATIENCE, () -> held(b) == 0);
            assertThat(b.levels(TEAM).get(0).held()).as("streams").isZero();
        }
    }

    @Test
    void request_thatTheStoreLetsInTooLate_isHeldNoLonger() throws Exception {
        try (SlowPath path = SlowPath.to(redis.port());
                Node a = Node.start(Node.at(path.port()), Unreachable.REFUSE, LEASE);
                Node b = node()) {
            path.delay(Duration.ofMinutes(1));
            CompletableFuture<Verdict> asked = a.ask(TEAM, 1000);
            Eventually.until("the store has let it in", Node.PATIENCE, () -> held(b) == 1000);
            path.loseConnections();
            assertThat(Node.get(asked)).isEqualTo(new Unknown());
            path.delay(Duration.ZERO);
            a.awaitReachable();
            Eventually.until("nothing is held", Node.PATIENCE, () -> held(b) == 0);
            assertThat(spent(b)).containsExactly(0L, 0L, 0L);
        }
    }

    @Test
    void node_thatStops_holdsNothingAtOnce() throws Exception {
        try (Node b = node()) {
            Node a = node();
            a.taken(TEAM, 10_000);
            assertThat(held(b)).isEqualTo(10_000);
            a.close();
            assertThat(held(b)).isZero();
        }
    }

    @Test
    void node_doesNotLoseItsLeaseWhileItIsIdle() throws Exception {
        try (Node a = Node.start(Node.at(redis.port()), Unreachable.LOCAL, Duration.ofSeconds(1));
                Node b = node()) {
            a.taken(TEAM, 10_000);
            long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
            Eventually.until("three leases are over", Node.PATIENCE, () -> {
                assertThat(held(b)).isEqualTo(10_000);
                return System.nanoTime() > end;
            });
        }
    }

    // What may befall a store.

    @Test
    void store_paused_keepsNobodyWaitingAndIsExactAgain() throws Exception {
        try (Node a = Node.startImpatient(Node.at(redis.port()))) {
            Reservation before = a.taken(TEAM, 1000).reservation();
            a.awaitReachable();
            int lines = a.lines();
            redis.pause();
            long asked = System.nanoTime();
            Reservation first = a.taken(TEAM, 1000).reservation();
            assertThat(millisSince(asked)).as("the wait of the first").isBetween(90L, 150L);
            asked = System.nanoTime();
            Reservation second = a.taken(TEAM, 1000).reservation();
            assertThat(millisSince(asked)).as("the wait of the next").isLessThan(50);
            before.settle(100);
            first.settle(200);
            redis.resume();
            a.awaitReachable();
            Eventually.until("all is told", Node.PATIENCE, () -> held(a) == 1000);
            assertThat(spent(a)).containsExactly(0L, 3L, 300L);
            second.settle(400);
            Eventually.until("all is told", Node.PATIENCE, () -> spent(a).equals(List.of(0L, 3L, 700L)));
            assertThat(a.lines() - lines).isEqualTo(2);
        }
    }

    @Test
    void store_killedAndStartedWithoutItsData_getsThemFromTheNodes() throws Exception {
        try (Node a = node();
                Node b = node();
                Node c = node()) {
            a.taken(TEAM, 100).reservation().settle(100);
            Eventually.until("it is counted", Node.PATIENCE, () -> spent(a).get(2) == 100);
            for (int i = 0; i < 5; i++) {
                c.taken(TEAM, 100).reservation().settle(1000);
            }
            Reservation held = b.taken(TEAM, 300).reservation();
            Eventually.until("all is counted", Node.PATIENCE, () -> spent(c).get(2) == 5100);
            redis.kill();
            for (Node each : List.of(a, b, c)) {
                each.awaitAway();
                each.taken(TEAM, 10).reservation().settle(10);
            }
            redis.startAgain();
            for (Node each : List.of(a, b, c)) {
                each.awaitReachable();
            }
            Eventually.until("all is told", Node.PATIENCE, () -> spent(a).equals(List.of(0L, 10L, 5130L)));
            assertThat(held(a)).isEqualTo(300);
            held.settle(70);
            Eventually.until("all is told", Node.PATIENCE, () -> spent(a).equals(List.of(0L, 10L, 5200L)));
            assertThat(held(a)).isZero();
            assertThat(List.of(a.lines(), b.lines(), c.lines())).containsOnly(3);
        }
    }

    @Test
    void store_killedAndStartedWithItsData_isExactAgain() throws Exception {
        redis.close();
        redis = RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
        try (Node a = node()) {
            Reservation held = a.taken(TEAM, 1000).reservation();
            a.taken(TEAM, 100).reservation().settle(500);
            assertThat(spent(a)).containsExactly(0L, 2L, 500L);
            redis.kill();
            a.awaitAway();
            held.settle(50);
            a.taken(TEAM, 100).reservation().settle(1);
            redis.startAgain();
            a.awaitReachable();
            Eventually.until("all is told", Node.PATIENCE, () -> spent(a).equals(List.of(0L, 3L, 551L)));
            assertThat(held(a)).isZero();
        }
    }

    @Test
    void store_startedWithOldData_getsTheRestFromTheNodes() throws Exception {
        try (Node a = node();
                Node b = node()) {
            a.taken(TEAM, 100).reservation().settle(500);
            assertThat(spent(a)).containsExactly(0L, 1L, 500L);
            redis.command("SAVE");
            b.taken(TEAM, 100).reservation().settle(30);
            a.taken(TEAM, 100).reservation().settle(7);
            Eventually.until("both know", Node.PATIENCE, () -> spent(a).equals(List.of(0L, 3L, 537L)));
            redis.kill();
            a.awaitAway();
            b.awaitAway();
            redis.startAgain();
            a.awaitReachable();
            b.awaitReachable();
            Eventually.until("all is told", Node.PATIENCE, () -> spent(a).equals(List.of(0L, 3L, 537L)));
        }
    }

    @Test
    void store_slow_keepsOneRequestWaiting() throws Exception {
        try (SlowPath path = SlowPath.to(redis.port());
                Node a = Node.startImpatient(Node.at(path.port()));
                Node b = node()) {
            a.taken(TEAM, 10).reservation().settle(10);
            a.awaitReachable();
            int lines = a.lines();
            path.delay(Duration.ofMillis(200));
            List<Long> waits = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                long asked = System.nanoTime();
                a.taken(TEAM, 10).reservation().settle(10);
                waits.add(millisSince(asked));
            }
            assertThat(waits).allMatch(wait -> wait <= 150);
            assertThat(waits.stream().filter(wait -> wait >= 50)).hasSize(1);
            assertThat(a.isReachable()).isFalse();
            path.delay(Duration.ZERO);
            a.awaitReachable();
            Eventually.until("all is told", Node.PATIENCE, () -> spent(b).equals(List.of(0L, 21L, 210L)));
            assertThat(held(b)).isZero();
            assertThat(a.lines() - lines).isEqualTo(2);
        }
    }

    @Test
    void store_thatForbidsScriptCommands_isNotAskedForThem() throws Exception {
        redis.command("ACL", "SETUSER", "default", "-script");
        try (Node a = node()) {
            assertThat(redis.command("SCRIPT", "EXISTS", "0")).startsWith("-NOPERM");
            a.taken(TEAM, 10).reservation().settle(10);
            assertThat(spent(a)).containsExactly(0L, 1L, 10L);
        }
    }

    @Test
    void store_thatDropsItsScripts_getsThemAgain() throws Exception {
        try (Node a = node()) {
            a.taken(TEAM, 10).reservation().settle(10);
            assertThat(spent(a)).containsExactly(0L, 1L, 10L);
            redis.command("SCRIPT", "FLUSH");
            a.taken(TEAM, 10).reservation().settle(10);
            Eventually.until("it is told", Node.PATIENCE, () -> spent(a).equals(List.of(0L, 2L, 20L)));
            assertThat(a.lines()).isEqualTo(1);
        }
    }

    @Test
    void store_thatLosesItsDataWhileItRuns_getsThemAgain() throws Exception {
        try (Node a = node()) {
            Reservation held = a.taken(TEAM, 40).reservation();
            a.taken(TEAM, 10).reservation().settle(10);
            assertThat(spent(a)).containsExactly(0L, 2L, 10L);
            redis.command("FLUSHALL");
            a.taken(TEAM, 10).reservation().settle(10);
            Eventually.until("it is told", Node.PATIENCE, () -> spent(a).equals(List.of(0L, 3L, 20L)));
            assertThat(held(a)).isEqualTo(40);
            held.settle(0);
        }
    }

    @Test
    void store_thatWantsAPassword_isUnreachableWithout() throws Exception {
        redis.command("CONFIG", "SET", "requirepass", "secret");
        try (Node without = node();
                Node wrong = Node.start(with(null, "wrong"));
                Node right = Node.start(with(null, "secret"));
                Node named = Node.start(with("default", "secret"))) {
            assertThat(without.isReachable()).isFalse();
            assertThat(wrong.isReachable()).isFalse();
            assertThat(right.isReachable()).isTrue();
            assertThat(named.isReachable()).isTrue();
            without.taken(TEAM, 10).reservation().settle(10);
            assertThat(without.lines()).isEqualTo(1);
        }
    }

    @Test
    void store_thatRefusesScripts_isUnreachable() throws Exception {
        try (Node a = node()) {
            redis.command("ACL", "SETUSER", "default", "-@scripting");
            a.taken(TEAM, 10).reservation().settle(10);
            a.awaitAway();
            redis.command("ACL", "SETUSER", "default", "+@scripting");
            a.awaitReachable();
            Eventually.until("it is told", Node.PATIENCE, () -> spent(a).equals(List.of(0L, 1L, 10L)));
            assertThat(a.lines()).isEqualTo(3);
        }
    }

    /** The line of the documents. */
    @Test
    void user_withTheRightsThatTheDocumentsName_suffices() throws Exception {
        String line = Files.readAllLines(Path.of("src/site/markdown/callers-and-limits.md")).stream()
                .filter(each -> each.startsWith("ACL SETUSER sluice "))
                .findAny()
                .orElseThrow();
        assertThat(redis.command(line.split(" ", -1))).startsWith("+OK");
        redis.command("ACL", "SETUSER", "default", "off");
        try (Node a = Node.start(with("sluice", "your-password"))) {
            Reservation held = a.taken(TEAM, 10).reservation();
            assertThat(held(a)).isEqualTo(10);
            held.settle(7);
            assertThat(spent(a)).containsExactly(0L, 1L, 7L);
        }
    }

    /** However long the lookup of its name takes. */
    @Test
    void store_whoseNameIsUnknown_keepsNobodyWaiting() throws Exception {
        try (Node a = Node.start(new StoreUrl(false, "no-such-host.invalid", 6379, null, null, 0))) {
            long asked = System.nanoTime();
            a.taken(TEAM, 10).reservation().settle(10);
            assertThat(millisSince(asked)).isLessThan(1000);
            assertThat(a.isReachable()).isFalse();
            assertThat(spent(a)).containsExactly(0L, 1L, 10L);
        }
    }

    @Test
    void consumer_thatFails_keepsNobodyElseWaiting() throws Exception {
        try (Node a = node()) {
            a.ledger().take(TEAM, 10, verdict -> {
                throw new IllegalStateException("a fault of the test");
            });
            a.taken(TEAM, 10);
            assertThat(held(a)).isEqualTo(20);
            redis.pause();
            a.ledger().take(TEAM, 10, verdict -> {
                throw new IllegalStateException("a fault of the test");
            });
            a.taken(TEAM, 10);
            redis.resume();
            a.awaitReachable();
            Eventually.until("all is told", Node.PATIENCE, () -> held(a) == 40);
        }
    }

    @Test
    void store_thatIsFull_isUnreachable() throws Exception {
        try (Node a = node()) {
            redis.command("CONFIG", "SET", "maxmemory", "1");
            a.taken(TEAM, 10);
            a.awaitAway();
            redis.command("CONFIG", "SET", "maxmemory", "0");
            a.awaitReachable();
        }
    }

    @Test
    void store_thatIsAReplica_isUnreachable() throws Exception {
        try (Node a = node()) {
            redis.command("REPLICAOF", "127.0.0.1", "1");
            a.taken(TEAM, 10);
            a.awaitAway();
            redis.command("REPLICAOF", "NO", "ONE");
            a.awaitReachable();
        }
    }

    @Test
    void requests_whileTheStoreIsUnreachable_areRefusedOrLetInAsAsked() throws Exception {
        Account one = new Account("team", "one", List.of(new Limit(Unit.REQUESTS, 1, Period.DAY)));
        try (Node refusing = Node.start(Node.at(redis.port()), Unreachable.REFUSE, LEASE);
                Node allowing = Node.start(Node.at(redis.port()), Unreachable.ALLOW, LEASE)) {
            redis.kill();
            refusing.awaitAway();
            allowing.awaitAway();
            assertThat(refusing.take(one, 1)).isEqualTo(new Unknown());
            allowing.taken(one, 1);
            allowing.taken(one, 1);
            redis.startAgain();
            refusing.awaitReachable();
            allowing.awaitReachable();
            Eventually.until(
                    "what was let in is told",
                    Node.PATIENCE,
                    () -> refusing.levels(one).get(0).spent() == 2);
            assertThat(allowing.take(one, 1)).isInstanceOf(Reached.class);
        }
    }

    @Test
    void limits_changed_goOnFromWhatIsSpent() throws Exception {
        Account fewer = new Account("team", "ada", List.of(new Limit(Unit.TOKENS, 500, Period.DAY)));
        try (Node a = node()) {
            a.taken(TEAM, 10).reservation().settle(490);
            assertThat(a.reached(fewer, 20).level().spent()).isCloseTo(490L, within(1L));
            assertThat(a.taken(fewer, 10).levels()).hasSize(1);
        }
    }

    @Test
    void accounts_expireInTheStore() throws Exception {
        Account seconds = new Account("team", "s", List.of(new Limit(Unit.TOKENS, 100, Period.SECOND)));
        try (Node a = node()) {
            a.taken(seconds, 10).reservation().settle(50);
            assertThat(a.levels(seconds)).hasSize(1);
            List<String> keys = redis.list("KEYS", "*account*");
            assertThat(keys).hasSize(1);
            assertThat(Long.parseLong(redis.list("PTTL", keys.get(0)).get(0))).isBetween(50_000L, 61_000L);
            a.taken(TEAM, 10);
            a.levels(TEAM);
            assertThat(redis.list("KEYS", "*account*")).hasSize(2).noneMatch(key -> key.contains("ada"));
            for (String key : redis.list("KEYS", "*account*")) {
                assertThat(Long.parseLong(redis.list("PTTL", key).get(0))).isPositive();
            }
        }
    }

    private Node node() throws InterruptedException {
        return Node.start(Node.at(redis.port()));
    }

    private StoreUrl with(@Nullable String user, String password) {
        return new StoreUrl(false, "127.0.0.1", redis.port(), user, new Secret(password), 0);
    }

    private static long held(Node node) {
        return node.levels(TEAM).get(2).held();
    }

    private static List<Long> spent(Node node) {
        return node.levels(TEAM).stream().map(Level::spent).toList();
    }

    private static long millisSince(long nanoTime) {
        return Duration.ofNanos(System.nanoTime() - nanoTime).toMillis();
    }
}
