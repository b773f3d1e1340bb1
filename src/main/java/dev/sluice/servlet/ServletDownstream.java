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
 * The client's side of a stream over a non-blocking {@link ServletOutputStream}. The stream's thread calls the methods of
 * {@code Downstream}, one at a time. The container's threads call those of the listeners at any time; some containers do so
 * within a call of this class.
 *
 * <p>Containers differ, so this class is stricter than the specification: it writes, flushes and completes only directly after
 * {@code isReady()} has returned true. After false it does not use the output until {@code onWritePossible}. It does not flush
 * if the container has sent everything already.
 */
final class ServletDownstream implements Downstream, WriteListener, AsyncListener {
    private final AsyncContext async;
    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final ServletOutputStream output;
    private final BooleanSupplier breaksOff;
    private final @Nullable String detour;

    /** Set by the thread of the request's dispatch. Earlier events have set their flags, which the loop reads later. */
    private volatile Runnable wake = () -> {};

    /** Whether the container will call {@code onWritePossible}. Cleared by its threads, set by the stream's. */
    private volatile boolean awaiting = true;

    /** Set by any thread. */
    private volatile List<Field> own = List.of();

    /** Whether the client has left. Set by any thread, never cleared. */
    private volatile boolean gone;

    /** Whether a refusal has the header {@code Connection: close}. Set by any thread, before the refusal. */
    private volatile boolean closesAfterRefusal;

    /**
     * The thread to which {@code isReady()} has returned true, if it has not written since: Open Liberty allows only this thread
     * to write. Guarded by the stream's thread.
     */
    private @Nullable Thread permitted;

    /**
     * Whether the container sends each write at once. A flush is then useless, but costs as much as a write. Before the first
     * write this is the expectation, afterwards what the first write has shown. Guarded by the stream's thread.
     */
    private boolean unbuffered;

    /** Whether anything has been written. Guarded by the stream's thread. */
    private boolean written;

    /**
     * @param unbuffered whether the container is expected to send each write without a flush
     * @param breaksOff whether a dispatch can abort the connection in this container
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

    /** Registers the listeners. Called once, by the thread of the request's dispatch before the dispatch returns. */
    void listen(Runnable wake) {
        this.wake = wake;
        async.addListener(this);
        output.setWriteListener(this); // some containers call onWritePossible within this call
    }

    /** Headers that the answer has too, in the place of an upstream's. Any thread, before the answer begins. */
    void alsoSends(List<Field> fields) {
        own = fields;
    }

    /** The client has left. Any thread may call it. */
    void left() {
        gone = true;
        wake.run();
    }

    /** A refusal will be sent before the end of the request body, so the connection has to close behind it. Any thread. */
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
        // Set before the call: the callback may run before isReady() has returned false.
        awaiting = true;
        try {
            if (output.isReady()) {
                awaiting = false;
                permitted = asking;
                return true;
            }
        } catch (RuntimeException over) {
            left(); // the container has ended the request in the meantime
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
                // A handler of Jetty's in between may buffer or compress it. A write larger than such a buffer does not
                // show whether there is one.
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
            // The container has ended the request already. It may or may not have called onComplete.
        }
    }

    @Override
    public void abort() {
        if (!breaksOff.getAsBoolean()) {
            complete();
            return;
        }
        try {
            // Dispatches to a servlet of Sluice, which throws, so that the container aborts the connection.
            BrokenOffException.dispatch(async, request, detour);
        } catch (RuntimeException alreadyOver) {
            complete();
        }
    }

    private void pass(Head head) {
        head.fields().forEach(field -> response.setHeader(field.name(), field.value()));
        own.forEach(field -> response.setHeader(field.name(), field.value()));
    }

    // ---- Called by the container's threads.

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
        left(); // Sluice sets no timeout, so the container has ended the request for a reason of its own
    }

    @Override
    public void onComplete(AsyncEvent event) {
        left();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}
}
