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
 * A whole answer, at hand or not there yet when the request's dispatch returns, written without blocking however large it
 * is and however slowly the client takes it. Any event (the answer came, the output can take more, the client left, the
 * time is up) wakes {@link #step}, which one thread at a time takes for as long as there is something to do.
 *
 * <p>What is late is broken off: every servlet of ours throws {@link BrokenOffException} if that is due.
 */
public final class WholeAnswer implements WriteListener, AsyncListener {
    /** Containers may copy what they cannot send at once: not all of it for each slow client. */
    private static final int PIECE = 32 * 1024;

    /** For what is at hand: a poor line may take long for the page's largest file, 600 KB, but not less than 2 KB/s. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final AsyncContext async;
    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final ServletOutputStream output;
    private final Supplier<Failure> tooLate;
    private final @Nullable String detour;
    private final Baton baton = new Baton();

    /** What is to be said, the first that was: sets status and headers, and returns the body. */
    private final AtomicReference<@Nullable Supplier<byte[]>> said = new AtomicReference<>();

    /** Whether {@code onWritePossible} is due. Cleared by the container's threads, set by the baton's holder. */
    private volatile boolean awaiting = true;

    /** Set by any thread, never cleared: nothing more can be sent. */
    private volatile boolean gone;

    /** Set by the container's thread, never cleared: what is not sent by now never is. */
    private volatile boolean late;

    // Guarded by the baton.
    private byte[] body = {};
    private int written;

    private boolean begun;

    /** Set by the baton's holder, never cleared. */
    private volatile boolean over;

    private WholeAnswer(
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
     * Answers with what is at hand, and the status and headers that the response has. By the thread of the request's
     * dispatch. It waits for the client only in dispatches of another kind, such as an error's in most containers, and
     * behind a filter of somebody's that has taken asynchronous requests away from us or put a response of its own in our
     * way, which may know nothing of them.
     *
     * @param body not altered until it is sent
     */
    public static void send(HttpServletRequest request, HttpServletResponse response, byte[] body) throws IOException {
        if (request.isAsyncSupported() && mayFollow(request.getDispatcherType(), response)) {
            start(request, response, PATIENCE, WholeAnswer::tooLate).body(body);
        } else if (request.getDispatcherType() == DispatcherType.INCLUDE) {
            include(response, body);
        } else {
            response.getOutputStream().write(body);
        }
    }

    /** Who includes us may have a writer, beside which there is no stream. */
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

    private static boolean mayFollow(DispatcherType dispatch, HttpServletResponse response) {
        return switch (dispatch) {
            case REQUEST -> !(response instanceof ServletResponseWrapper);
            case ERROR -> JettyView.isJettys(response); // Tomcat says that it may, and then never ends the answer
            default -> false;
        };
    }

    /** Goes unheard, for the answer is said by then: what is late of it is broken off. */
    private static Failure tooLate() {
        return Failure.timeout(504, "answer_timeout", "The answer could not be sent in time.");
    }

    /**
     * Makes the request an asynchronous one, for an answer to follow. By the thread of its dispatch.
     *
     * @param patience for the answer, the client's taking of it included
     * @param tooLate what to say when there is none by then
     */
    public static WholeAnswer start(
            HttpServletRequest request, HttpServletResponse response, Duration patience, Supplier<Failure> tooLate)
            throws IOException {
        AsyncContext async = request.startAsync();
        async.setTimeout(patience.toMillis());
        var answer = new WholeAnswer(async, request, response, tooLate);
        async.addListener(answer);
        answer.output.setWriteListener(answer); // some containers call back from within
        return answer;
    }

    /**
     * Answers with this, and the status and headers that the response has. Any thread; what is said after the first time
     * goes unheard.
     *
     * @param body not altered until it is sent
     */
    void body(byte[] body) {
        say(() -> body);
    }

    /** Answers 200 with this, in UTF-8, as {@link #body} does. */
    public void json(byte[] json) {
        say(() -> begin(json));
    }

    /** Answers with a failure, as {@link #body} does. */
    public void refuse(Failure failure) {
        say(() -> Problem.begin(request, response, failure));
    }

    private void say(Supplier<byte[]> words) {
        if (said.compareAndSet(null, words)) {
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
        Supplier<byte[]> words = said.get();
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
        if (words == null || !isReady()) {
            return gone;
        }
        try {
            if (!begun) {
                begun = true;
                body = words.get();
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

    /** Asks only when no callback is due: a false answer schedules one. */
    private boolean isReady() {
        if (awaiting) {
            return false;
        }
        // Set before asking: the callback that a false answer schedules may come before the answer is back.
        awaiting = true;
        try {
            if (output.isReady()) {
                awaiting = false;
                return true;
            }
        } catch (RuntimeException ended) {
            gone = true; // the container ended the request this very moment
        }
        return false;
    }

    private void end() {
        over = true;
        try {
            async.complete();
        } catch (RuntimeException alreadyOver) {
            // The container ended it first, and said so or not.
        }
    }

    /** To the servlet, which throws: to complete would leave some containers waiting for a client that takes nothing. */
    private void breakOff() {
        over = true;
        try {
            BrokenOffException.dispatch(async, request, detour);
        } catch (RuntimeException alreadyOver) {
            end();
        }
    }

    // ---- The container's threads.

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
        refuse(tooLate.get()); // unless there is an answer, which the client is slow to take
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
