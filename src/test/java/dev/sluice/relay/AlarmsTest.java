package dev.sluice.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AlarmsTest {
    private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
    private final Alarms alarms = new Alarms(scheduler);
    private final BlockingQueue<Runnable> handedOver = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() {
        scheduler.shutdownNow();
    }

    @Test
    void task_onAnExecutor_isRunByItAndNotByTheScheduler() throws Exception {
        Runnable task = () -> {
            throw new AssertionError("run by " + Thread.currentThread());
        };
        alarms.on(ignored -> handedOver.add(task)).schedule(task, 1_000);
        assertThat(handedOver.poll(20, TimeUnit.SECONDS)).isSameAs(task);
        assertThat(alarms.pending()).as("pending").isZero();
    }

    @Test
    void task_onAnExecutor_cancelled_isNotHandedOver() throws Exception {
        Clock clock = alarms.on(handedOver::add);
        Clock.Alarm alarm = clock.schedule(() -> {}, TimeUnit.HOURS.toNanos(1));
        assertThat(alarms.pending()).isEqualTo(1);
        alarm.cancel();
        assertThat(alarms.pending()).isZero();
        assertThat(handedOver).isEmpty();
    }

    @Test
    void task_onAnExecutorThatHasStopped_isForgotten() throws Exception {
        alarms.on(task -> {
                    handedOver.add(task);
                    throw new RejectedExecutionException();
                })
                .schedule(() -> {}, 0);
        assertThat(handedOver.poll(20, TimeUnit.SECONDS)).isNotNull();
        BlockingQueue<String> next = new LinkedBlockingQueue<>();
        alarms.schedule(() -> next.add("still goes off"), 0);
        assertThat(next.poll(20, TimeUnit.SECONDS)).isEqualTo("still goes off");
    }
}
