package dev.sluice.admission.redis;

import io.netty.channel.EventLoop;
import io.netty.util.Timeout;
import io.netty.util.Timer;
import io.netty.util.TimerTask;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Lettuce's timer, on the thread of the connection instead of one of its own. It times handshakes. */
final class LoopTimer implements Timer {
    private final EventLoop loop;

    LoopTimer(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public Timeout newTimeout(TimerTask task, long delay, TimeUnit unit) {
        Scheduled scheduled = new Scheduled(this, task);
        scheduled.future = loop.schedule(scheduled, delay, unit);
        return scheduled;
    }

    @Override
    public Set<Timeout> stop() {
        return Set.of();
    }

    private static final class Scheduled implements Timeout, Runnable {
        private final Timer timer;
        private final TimerTask task;
        private volatile @Nullable Future<?> future; // unset only while it is being set

        Scheduled(Timer timer, TimerTask task) {
            this.timer = timer;
            this.task = task;
        }

        @Override
        public void run() {
            try {
                task.run(this);
            } catch (Exception fault) {
                throw new IllegalStateException(fault);
            }
        }

        @Override
        public Timer timer() {
            return timer;
        }

        @Override
        public TimerTask task() {
            return task;
        }

        @Override
        public boolean isExpired() {
            Future<?> set = future;
            return set != null && set.isDone() && !set.isCancelled();
        }

        @Override
        public boolean isCancelled() {
            Future<?> set = future;
            return set != null && set.isCancelled();
        }

        @Override
        public boolean cancel() {
            Future<?> set = future;
            return set != null && set.cancel(false);
        }
    }
}
