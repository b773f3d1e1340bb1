package dev.sluice.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BodyBudgetTest {
    private final BodyBudget budget = new BodyBudget(100);

    @Test
    void bodies_growUntilAllThereIsIsTaken() {
        var first = budget.open();
        var second = budget.open();

        assertThat(first.grow(60)).isTrue();
        assertThat(second.grow(40)).as("up to the last byte").isTrue();
        assertThat(second.grow(1)).isFalse();
        assertThat(budget.heldBytes()).as("a refusal takes nothing").isEqualTo(100);
    }

    @Test
    void body_thatIsClosed_givesBackAllOfItOnce() {
        var first = budget.open();
        var second = budget.open();
        first.grow(50);
        first.grow(10);
        second.grow(30);

        first.close();
        first.close();

        assertThat(budget.heldBytes()).isEqualTo(30);
        assertThat(second.grow(70)).as("the room is free again").isTrue();
    }

    @Test
    void body_thatIsClosed_growsNoMore() {
        var body = budget.open();
        body.close();

        assertThat(body.grow(1)).isFalse();
        assertThat(budget.heldBytes()).isZero();
    }

    @Test
    void work_isBookedBesideTheBody_untilItIsDone() {
        var body = budget.open();
        body.grow(20);
        assertThat(body.work(50)).isTrue();
        assertThat(budget.heldBytes()).isEqualTo(70);
        assertThat(body.work(30)).as("in the place of the first").isTrue();
        assertThat(budget.heldBytes()).isEqualTo(50);
        assertThat(body.settle(35)).isTrue();
        assertThat(budget.heldBytes()).isEqualTo(35);
        assertThat(body.settle(10)).isTrue();
        assertThat(budget.heldBytes()).isEqualTo(10);
        body.close();
        assertThat(budget.heldBytes()).isZero();
    }

    @Test
    void work_beyondAllRoom_isDoneByOneAtATime() {
        var first = budget.open();
        var second = budget.open();
        first.grow(50);
        second.grow(50);
        assertThat(first.work(400)).isTrue();
        assertThat(budget.heldBytes()).isEqualTo(500);
        assertThat(second.work(400)).isFalse();
        assertThat(budget.open().grow(1)).as("nobody else comes in meanwhile").isFalse();
        assertThat(first.settle(50)).isTrue();
        assertThat(second.work(400)).isTrue();
        second.close();
        first.close();
        assertThat(budget.heldBytes()).isZero();
        assertThat(budget.open().grow(100)).isTrue();
    }

    @Test
    void rest_thatDoesNotFit_isRefused() {
        var body = budget.open();
        body.grow(20);
        body.work(160);
        assertThat(body.settle(120)).isFalse();
        body.close();
        assertThat(budget.heldBytes()).isZero();
        assertThat(body.work(1)).isFalse();
        assertThat(body.settle(1)).isFalse();
        assertThat(budget.heldBytes()).isZero();
    }

    @Test
    void failures_nameTheirSettings() {
        Failure tooLarge = new BodyLimit(budget, 60, "sluice.chat.max-bytes").tooLarge();
        assertThat(tooLarge.status()).isEqualTo(413);
        assertThat(tooLarge.message()).contains("sluice.chat.max-bytes", "60 bytes");

        for (Failure overloaded : List.of(BodyBudget.noRoom(), Failure.noMemory())) {
            assertThat(overloaded.status()).isEqualTo(503);
            assertThat(overloaded.message()).contains("sluice.request.max-total-bytes");
            assertThat(overloaded.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        }
    }

    /** Each body is closed by another thread while it grows. */
    @Test
    void bodies_closedWhileTheyGrow_leaveNothing() {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 2_000; round++) {
                var body = budget.open();
                Random random = new Random(round);
                List<Integer> steps =
                        IntStream.range(0, 5).mapToObj(i -> random.nextInt(40)).toList();
                CompletableFuture.allOf(
                                CompletableFuture.runAsync(() -> steps.forEach(body::grow), threads),
                                CompletableFuture.runAsync(() -> steps.forEach(body::work), threads),
                                CompletableFuture.runAsync(() -> steps.forEach(body::settle), threads),
                                CompletableFuture.runAsync(body::close, threads))
                        .join();
                assertThat(budget.heldBytes()).as("round %s", round).isZero();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
