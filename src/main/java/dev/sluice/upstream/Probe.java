package dev.sluice.upstream;

import dev.sluice.relay.Clock;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a provider is there, for a node that counts as ready only then: at the start, and whenever a call could
 * not reach it. It asks for the list of models, and any HTTP answer will do. Until there is one it asks again every few
 * seconds, one request at a time; from then on it is silent.
 *
 * <pre>
 *   start ──▶ asking ──answered──▶ up
 *              │  ▲                │
 *        failed│  │after a pause   │a call could not reach it
 *              ▼  │                ▼
 *             down ◀──failed── asking, and still up
 * </pre>
 *
 * <p>All methods may be called by any thread, and none blocks.
 */
public final class Probe {
    private static final Duration PAUSE = Duration.ofSeconds(3);

    private final HttpProvider provider;

    // Guarded by this, which is held for a look only.
    private boolean up;
    private boolean looking; // a request is under way, or an alarm set for the next
    private boolean stopped;
    private Clock.@Nullable Alarm next;

    /** @param assumedUp whether the provider counts as up until it is known */
    public Probe(HttpProvider provider, boolean assumedUp) {
        this.provider = provider;
        this.up = assumedUp;
    }

    /** Call once, after the provider's start. */
    public void start() {
        provider.standing().onMiss(this::doubt);
        doubt();
    }

    /** Asks no more. Call before the provider's stop. */
    public synchronized void stop() {
        stopped = true;
        up = false;
        if (next != null) {
            next.cancel();
        }
    }

    /** Whether the provider answered when it was last asked; what was assumed, until then. */
    public synchronized boolean isUp() {
        return up;
    }

    /** There is reason to look, if nobody does already. */
    private void doubt() {
        synchronized (this) {
            if (looking || stopped) {
                return;
            }
            looking = true;
        }
        ask();
    }

    private void ask() {
        Attempt attempt = new Attempt();
        try {
            attempt.send();
        } catch (RuntimeException stopping) {
            failed();
        }
    }

    private synchronized void answered() {
        up = !stopped;
        looking = false;
    }

    private synchronized void failed() {
        up = false;
        if (!stopped) {
            next = provider.clock().schedule(this::ask, PAUSE.toNanos());
        }
    }

    /** One HTTP exchange, whose content nobody reads. Its methods are called by the client's threads, one at a time. */
    private final class Attempt implements Response.BeginListener, Response.CompleteListener {
        private final Request request = provider.get("/models").onResponseBegin(this);
        private final Clock.Alarm alarm = provider.clock()
                .schedule(this::giveUp, provider.timeouts().connect().toNanos());
        private boolean answered;

        void send() {
            request.send(this);
        }

        private void giveUp() {
            var unused = request.abort(new TimeoutException("no answer in time"));
        }

        @Override
        public void onBegin(Response response) {
            answered = true;
        }

        @Override
        public void onComplete(Result result) {
            if (answered) {
                provider.standing().reached();
                answered();
            } else {
                provider.standing().missed(result.getFailure());
                failed();
            }
            alarm.cancel();
        }
    }
}
