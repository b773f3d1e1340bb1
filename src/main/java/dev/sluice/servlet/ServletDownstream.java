package dev.sluice.servlet;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Downstream;
import dev.sluice.relay.Head;
import dev.sluice.relay.Head.Field;
import dev.sluice.web.BrokenOffException;
import dev.sluice.web.Problem;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a stream over a non-blocking {@link ServletOutputStream}. The port's methods are called by the
 * stream's thread, one at a time; the listeners' by the container's threads, at any time, some containers from within
 * our own calls.
 *
 * <p>What containers agree on is little, so this asks for less: nothing is written, flushed or completed unless
 * {@code isReady()} has just said true, once it has said false the output is left alone until {@code onWritePossible},
 * and nothing is flushed that has left already.
 */
final class ServletDownstream implements Downstream, WriteListener, AsyncListener {
    private final AsyncContext async;
    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final ServletOutputStream output;
    private final BooleanSupplier breaksOff;
    private final @Nullable String detour;

    /** Set by the thread of the request's dispatch; who calls it before has set what the loop will see anyway. */
    private volatile Runnable wake = () -> {};

    /** Whether {@code onWritePossible} is due. Cleared by the container's threads, set by the stream's. */
    private volatile boolean awaiting = true;

    /** Set by any thread. */
    private volatile List<Field> own = List.of();

    /** Set by any thread, never cleared. */
    private volatile boolean gone;

    /** Whether the client is told that its connection closes behind a refusal. Set by any thread, before the refusal. */
    private volatile boolean closesAfterRefusal;

    /**
     * To whom {@code isReady()} said true, if nothing was written since: Open Liberty lets nobody else write then.
     * Guarded by the stream's thread.
     */
    private @Nullable Thread permitted;

    /**
     * Whether what is written leaves by itself. A flush would do no more then, but costs as much as a write. Until the
     * first write this is what the container promises, from then on whether it has kept it. Guarded by the stream's thread.
     */
    private boolean unbuffered;

    /** Whether anything was. Guarded by the stream's thread. */
    private boolean written;

    /**
     * @param unbuffered whether the container is to be expected to send what is written without a flush
     * @param breaksOff whether a dispatch will break the connection off, as it should
     */
    ServletDownstream(
            AsyncContext async,
            HttpServletRequest request,
            HttpServletResponse response,
            boolean unbuffered,
            BooleanSupplier breaksOff)
            throws IOException {
        this.async = async;
        this.request = request;
        this.response = response;
        this.output = response.getOutputStream();
        this.unbuffered = unbuffered;
        this.breaksOff = breaksOff;
        this.detour = BrokenOffException.detour(request);
    }

    /** Begins to listen to the container. Called once, by the thread of the request's dispatch before it returns. */
    void listen(Runnable wake) {
        this.wake = wake;
        async.addListener(this);
        output.setWriteListener(this); // some containers call back from within
    }

    /** Headers that the answer has too, in the place of an upstream's. Any thread, before the answer begins. */
    void alsoSends(List<Field> fields) {
        own = fields;
    }

    /** The client has left. Any thread. */
    void left() {
        gone = true;
        wake.run();
    }

    /** A refusal will come before the whole request has: the rest must not be taken for the next one. Any thread. */
    void closeAfterRefusal() {
        closesAfterRefusal = true;
    }

    @Override
    public boolean isGone() {
        return gone;
    }

    @Override
    public boolean isReady() {
        if (awaiting) {
            return false;
        }
        Thread asking = Thread.currentThread();
        if (permitted == asking) {
            return true;
        }
        // Set before asking: the callback that a false answer schedules may come before the answer is back.
        awaiting = true;
        try {
            if (output.isReady()) {
                awaiting = false;
                permitted = asking;
                return true;
            }
        } catch (RuntimeException over) {
            left(); // the container ended the request this very moment
        }
        return false;
    }

    @Override
    public void begin(String contentType, Head head) {
        try {
            response.setStatus(HttpServletResponse.SC_OK);
            pass(head);
            response.setContentType(contentType);
            if (head.length() >= 0) {
                response.setContentLengthLong(head.length());
            }
            response.setHeader("Cache-Control", "no-cache, no-transform");
            response.setHeader("X-Accel-Buffering", "no");
        } catch (RuntimeException over) {
            left();
        }
    }

    @Override
    public byte[] refuse(Failure failure, Head head) {
        try {
            pass(head);
            byte[] body = Problem.begin(request, response, failure);
            if (closesAfterRefusal) {
                Problem.closeAfter(request, response);
            }
            return body;
        } catch (RuntimeException over) {
            left();
            return new byte[0];
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        permitted = null;
        try {
            output.write(bytes, offset, length);
            if (!written) {
                written = true;
                // Something behind the container's back, such as a handler of Jetty's, may gather or compress it;
                // what is larger than the buffer that there may be proves nothing.
                unbuffered &= response.isCommitted()
                        && length < response.getBufferSize()
                        && !response.containsHeader("Content-Encoding");
            }
        } catch (IOException | RuntimeException left) {
            gone = true;
        }
    }

    @Override
    public void flush() {
        if (unbuffered) {
            return;
        }
        permitted = null;
        try {
            output.flush();
        } catch (IOException | RuntimeException left) {
            gone = true;
        }
    }

    @Override
    public void complete() {
        try {
            async.complete();
        } catch (RuntimeException alreadyOver) {
            // The container ended it first, and said so or not.
        }
    }

    @Override
    public void abort() {
        if (!breaksOff.getAsBoolean()) {
            complete();
            return;
        }
        try {
            // To a servlet of ours, which throws: the container then breaks the connection off.
            BrokenOffException.dispatch(async, request, detour);
        } catch (RuntimeException alreadyOver) {
            complete();
        }
    }

    private void pass(Head head) {
        head.fields().forEach(field -> response.setHeader(field.name(), field.value()));
        own.forEach(field -> response.setHeader(field.name(), field.value()));
    }

    // ---- The container's threads.

    @Override
    public void onWritePossible() {
        awaiting = false;
        wake.run();
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
        left(); // there is none: the container has its own reasons
    }

    @Override
    public void onComplete(AsyncEvent event) {
        left();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}
}
