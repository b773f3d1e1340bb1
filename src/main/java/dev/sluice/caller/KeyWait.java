package dev.sluice.caller;

import dev.sluice.chat.Failure;
import dev.sluice.jwt.Finding;
import dev.sluice.jwt.IssuerKeys;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A request that waits, without a thread, until the keys of its token's issuer have been fetched. Then it is dispatched again,
 * and {@link AccessFilter} checks it once more. It waits once for the keys of an issuer.
 */
final class KeyWait implements AsyncListener {
    /** Request attribute, a {@link KeyWait}: nobody else has values of this type. */
    private static final String ATTRIBUTE = "dev.sluice.key-wait";

    /** Longer than a fetch. Without it the container's own timeout would hold. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static final Failure SOON = Failure.unavailable(
            "server_error",
            "keys_pending",
            "The keys of the issuer of this token are being fetched. Try again in a second.",
            Duration.ofSeconds(1));

    private final IssuerKeys keys;
    private final AsyncContext async;
    private final @Nullable String target;
    private final AtomicBoolean over = new AtomicBoolean();

    private KeyWait(IssuerKeys keys, AsyncContext async, @Nullable String target) {
        this.keys = keys;
        this.async = async;
        this.target = target;
    }

    /** Whether the request has waited, for whichever keys. */
    static boolean hasBegun(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof KeyWait;
    }

    /** Whether the request has waited for these keys. */
    static boolean hasEnded(HttpServletRequest request, IssuerKeys keys) {
        return request.getAttribute(ATTRIBUTE) instanceof KeyWait wait && wait.keys == keys;
    }

    /**
     * Makes the request wait, if it can and if there is something to wait for. Called by the thread of the request's dispatch.
     *
     * @return why it does not wait: the answer to it; null if it waits
     */
    static @Nullable Failure begin(HttpServletRequest request, HttpServletResponse response, Finding.Unverified token) {
        CompletableFuture<Void> fetch = token.keys().fetch();
        if (fetch == null) {
            return token.otherwise();
        }
        if (request.getDispatcherType() == DispatcherType.INCLUDE || !request.isAsyncSupported()) {
            return SOON;
        }
        AsyncContext async = request.startAsync(request, response); // with what the host's filters have wrapped
        async.setTimeout(TIMEOUT.toMillis());
        KeyWait wait = new KeyWait(token.keys(), async, target(request));
        async.addListener(wait);
        request.setAttribute(ATTRIBUTE, wait);
        var unused = fetch.thenRun(wait::end);
        return null;
    }

    /** The path to dispatch to; null for its own. A request that the host has forwarded would go to the host's servlet again. */
    private static @Nullable String target(HttpServletRequest request) {
        if (request.getDispatcherType() != DispatcherType.FORWARD) {
            return null;
        }
        String query = request.getQueryString();
        return request.getRequestURI().substring(request.getContextPath().length())
                + (query == null ? "" : "?" + query);
    }

    /** By any thread. */
    private void end() {
        if (over.compareAndSet(false, true)) {
            try {
                if (target == null) {
                    async.dispatch();
                } else {
                    async.dispatch(target);
                }
            } catch (RuntimeException ended) {
                // The container has ended the request in the meantime.
            }
        }
    }

    // ---- Called by the container's threads.

    @Override
    public void onTimeout(AsyncEvent event) {
        end();
    }

    @Override
    public void onError(AsyncEvent event) {
        over.set(true);
    }

    @Override
    public void onComplete(AsyncEvent event) {
        over.set(true);
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}
}
