package dev.sluice.upstream;

import dev.sluice.relay.Clock;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.jspecify.annotations.Nullable;

/**
 * Probes whether a provider is reachable, for {@code sluice.ready.needs-upstream}: at the start, and after a call that could
 * not reach it. It requests the list of models; any HTTP response counts as reachable. Until there is one it sends a request
 * every few seconds, one at a time; then it stops.
 *
 * <pre>
 *   start ──▶ probing ──answered──▶ up
 *              │  ▲                 │
 *        failed│  │after a pause    │a call could not reach it
 *              ▼  │                 ▼
 *             down ◀──failed── probing, and still up
 * </pre>
 *
 * <p>Any thread may call all methods; none blocks.
 */
public final class Probe {
    private static final Duration PAUSE = Duration.ofSeconds(3);

    private final HttpProvider provider;

    // Guarded by this.
    private boolean up;
    private boolean probing; // whether a request is under way or an alarm is set for the next one
    private boolean stopped;
    private Clock.@Nullable Alarm next;

    /** @param assumedUp whether the provider counts as reachable before the first probe has ended */
    public Probe(HttpProvider provider, boolean assumedUp) {
        this.provider = provider;
        this.up = assumedUp;
    }

    /** Starts probing. Called once, after the provider's start. */
    public void start() {
        provider.standing().onMiss(this::probe);
        probe();
    }

    /** Ends all probing. Called before the provider's stop. */
    public synchronized void stop() {
        stopped = true;
        up = false;
        if (next != null) {
            next.cancel();
        }
    }

    /** Whether the provider has answered the last probe; before the first one, the assumption of the constructor. */
    public synchronized boolean isUp() {
        return up;
    }

    /** Begins to probe, unless it is under way. */
    private void probe() {
        synchronized (this) {
            if (probing || stopped) {
                return;
            }
            probing = true;
        }
        request();
    }

    private void request() {
        Attempt attempt = new Attempt();
        try {
            attempt.send();
        } catch (RuntimeException stopping) {
            failed();
        }
    }

    private synchronized void answered() {
        up = !stopped;
        probing = false;
    }

    private synchronized void failed() {
        up = false;
        if (!stopped) {
            next = provider.clock().schedule(this::request, PAUSE.toNanos());
        }
    }

    /** One HTTP exchange, whose content is discarded. The client's threads call its methods, one at a time. */
    private final class Attempt implements Response.BeginListener, Response.CompleteListener {
        private final Request request = provider.modelList().onResponseBegin(this);
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
