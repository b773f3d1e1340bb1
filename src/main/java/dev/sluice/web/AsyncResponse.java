package dev.sluice.web;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Baton;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A response whose body is written in one piece, without blocking, however long it is and however slowly the client reads.
 * The body may still be missing when the request's dispatch returns. Each event (the body is there, the output became
 * writable, the client left, the timeout expired) calls {@link #wake}. One thread at a time then takes steps until there is
 * none.
 *
 * <p>If the timeout expires while the body is written, the connection is aborted: the request is dispatched again, and
 * every servlet then throws {@link BrokenOffException}.
 */
public final class AsyncResponse implements WriteListener, AsyncListener {
    /** One write takes this much at most. A container may copy what it cannot send at once, for each slow client. */
    private static final int PIECE = 32 * 1024;

    /** The timeout of a body that is there already: the page's largest file, 600 KB, needs 2 KB/s. */
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private final AsyncContext async;
    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final ServletOutputStream output;
    private final Supplier<Failure> tooLate;
    private final @Nullable String detour;
    private final Baton baton = new Baton();

    /** Sets status and headers, and returns the body. Set once, by any thread. */
    private final AtomicReference<@Nullable Supplier<byte[]>> answer = new AtomicReference<>();

    /** Whether the container will call {@code onWritePossible}. Cleared by its threads, set by the baton's holder. */
    private volatile boolean awaiting = true;

    /** Whether the client has left. Set by any thread, never cleared. */
    private volatile boolean gone;

    /** Whether the timeout has expired while the body is written. Set by a container's thread, never cleared. */
    private volatile boolean late;

    // Guarded by the baton.
    private byte[] body = {};
    private int written;

    private boolean begun;

    /** Whether the response has ended. Set by the baton's holder, never cleared. */
    private volatile boolean over;

    private AsyncResponse(
            AsyncContext async, HttpServletRequest request, HttpServletResponse response, Supplier<Failure> tooLate)
            throws IOException {
        this.async = async;
        this.request = request;
        this.response = response;
        this.output = response.getOutputStream();
        this.tooLate = tooLate;
        this.detour = BrokenOffException.detour(request);
    }

    /**
     * Answers with this body, and the status and headers that the response has. Called by the thread of the request's
     * dispatch. It blocks that thread only in other dispatches than REQUEST, such as ERROR in most containers, and behind
     * a filter that does not support asynchronous requests or has wrapped the response.
     *
     * @param body must not be changed any more
     */
    public static void send(HttpServletRequest request, HttpServletResponse response, byte[] body) throws IOException {
        if (request.isAsyncSupported() && mayFollow(request.getDispatcherType(), response)) {
            start(request, response, TIMEOUT, AsyncResponse::tooLate).body(body);
        } else if (request.getDispatcherType() == DispatcherType.INCLUDE) {
            include(response, body);
        } else {
            response.getOutputStream().write(body);
        }
    }

    /** The including servlet may have called {@code getWriter()}; then there is no {@code ServletOutputStream}. */
    private static void include(HttpServletResponse response, byte[] body) throws IOException {
        ServletOutputStream stream;
        try {
            stream = response.getOutputStream();
        } catch (IllegalStateException hasAWriter) {
            response.getWriter().write(new String(body, StandardCharsets.UTF_8));
            return;
        }
        stream.write(body);
    }

    /** Whether the response may be written after the dispatch has returned. */
    private static boolean mayFollow(DispatcherType dispatch, HttpServletResponse response) {
        return switch (dispatch) {
            case REQUEST -> !(response instanceof ServletResponseWrapper);
            case ERROR -> JettyView.isJettys(response); // Tomcat permits it, but never completes the response
            default -> false;
        };
    }

    /** Never sent: the answer is set by then, and the connection is aborted. */
    private static Failure tooLate() {
        return Failure.timeout(504, "answer_timeout", "The answer could not be sent in time.");
    }

    /**
     * Makes the request asynchronous, for an answer that follows. Called by the thread of the request's dispatch.
     *
     * @param timeout for the answer, and for the client to read it
     * @param tooLate the answer that is sent if there is none by then
     */
    public static AsyncResponse start(
            HttpServletRequest request, HttpServletResponse response, Duration timeout, Supplier<Failure> tooLate)
            throws IOException {
        AsyncContext async = request.startAsync();
        async.setTimeout(timeout.toMillis());
        var started = new AsyncResponse(async, request, response, tooLate);
        async.addListener(started);
        started.output.setWriteListener(started); // some containers call onWritePossible within this call
        return started;
    }

    /**
     * Answers with this body, and the status and headers that the response has. Any thread may call it; only the first
     * answer is sent.
     *
     * @param body must not be changed any more
     */
    void body(byte[] body) {
        answer(() -> body);
    }

    /** Answers 200 with this JSON in UTF-8. Any thread may call it; only the first answer is sent. */
    public void json(byte[] json) {
        answer(() -> begin(json));
    }

    /** Answers with a failure. Any thread may call it; only the first answer is sent. */
    public void refuse(Failure failure) {
        answer(() -> Problem.begin(request, response, failure));
    }

    private void answer(Supplier<byte[]> first) {
        if (answer.compareAndSet(null, first)) {
            wake();
        }
    }

    private void left() {
        gone = true;
        wake();
    }

    private void wake() {
        if (baton.take()) {
            do {
                while (step()) {
                    // There may be more to do.
                }
            } while (baton.pass());
        }
    }

    /** Takes the first step that can be taken; false if none can. */
    private boolean step() {
        Supplier<byte[]> known = answer.get();
        if (over) {
            return false;
        }
        if (gone) {
            end();
            return false;
        }
        if (late) {
            breakOff();
            return false;
        }
        if (known == null || !isReady()) {
            return gone;
        }
        try {
            if (!begun) {
                begun = true;
                body = known.get();
            }
            if (written == body.length) {
                end();
                return false;
            }
            int length = Math.min(PIECE, body.length - written);
            int from = written;
            written += length;
            output.write(body, from, length);
        } catch (IOException | RuntimeException left) {
            gone = true;
        }
        return true;
    }

    private byte[] begin(byte[] json) {
        response.setStatus(HttpServletResponse.SC_OK);
        response.setContentType("application/json");
        response.setHeader("Cache-Control", "no-store");
        response.setContentLength(json.length);
        return json;
    }

    /** Calls {@code isReady()} only if no callback is due: its false schedules one (Servlet 6.0, section 3.7). */
    private boolean isReady() {
        if (awaiting) {
            return false;
        }
        // Set before the call: the callback may run before isReady() has returned false.
        awaiting = true;
        try {
            if (output.isReady()) {
                awaiting = false;
                return true;
            }
        } catch (RuntimeException ended) {
            gone = true; // the container has ended the request in the meantime
        }
        return false;
    }

    private void end() {
        over = true;
        try {
            async.complete();
        } catch (RuntimeException alreadyOver) {
            // The container has ended the request already. It may or may not have called onComplete.
        }
    }

    /** Has the servlet abort the connection. {@code complete()} would make some containers wait for the client to read. */
    private void breakOff() {
        over = true;
        try {
            BrokenOffException.dispatch(async, request, detour);
        } catch (RuntimeException alreadyOver) {
            end();
        }
    }

    // ---- Called by the container's threads.

    @Override
    public void onWritePossible() {
        awaiting = false;
        wake();
    }

    @Override
    public void onError(Throwable cause) {
        left();
    }

    @Override
    public void onError(AsyncEvent event) {
        left();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        refuse(tooLate.get()); // has no effect if there is an answer already, which the client reads too slowly
        if (!over) {
            late = true;
            wake();
        }
    }

    @Override
    public void onComplete(AsyncEvent event) {
        left();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}
}
