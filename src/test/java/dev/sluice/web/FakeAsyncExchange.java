package dev.sluice.web;

import static java.util.Objects.requireNonNull;

import dev.sluice.relay.Caller;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One asynchronous request and its response without a container, which holds the servlet to the rules of the output: it
 * is a fault to write what isReady() has not just allowed, or to complete twice. One thread. Whatever is not faked
 * throws.
 */
public final class FakeAsyncExchange {
    private final String method;
    private final @Nullable String pathInfo;
    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<String, Object> attributes = new HashMap<>();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final Output output = new Output();
    private final AsyncContext async = fake(AsyncContext.class, (proxy, called, arguments) -> {
        switch (called.getName()) {
            case "setTimeout" -> timeout = (long) arguments[0];
            case "addListener" -> asyncListener = (AsyncListener) arguments[0];
            case "complete" -> complete();
            case "dispatch" -> {
                complete();
                dispatched = true;
            }
            case "getRequest", "getResponse" -> {
                return null; // an event wants to carry them
            }
            default -> throw new UnsupportedOperationException(called.toString());
        }
        return null;
    });
    private @Nullable AsyncListener asyncListener;
    private @Nullable WriteListener writeListener;
    private @Nullable IOException failure;
    private boolean dispatched;
    private boolean callsBackAtOnce;
    private boolean oneWriteAtATime;
    private boolean started;
    private int status = 200;
    private long timeout;
    private int completions;

    public FakeAsyncExchange(String method, @Nullable String pathInfo) {
        this.method = method;
        this.pathInfo = pathInfo;
        Pass.giveEverything(request(), Caller.LOCAL, null);
    }

    /** As Payara and GlassFish do. */
    public FakeAsyncExchange callingBackAtOnce() {
        callsBackAtOnce = true;
        return this;
    }

    public FakeAsyncExchange takingOneWriteAtATime() {
        oneWriteAtATime = true;
        return this;
    }

    /** Every write does from now on. */
    public FakeAsyncExchange failing(IOException with) {
        failure = with;
        return this;
    }

    /** The container finds the output writable, if it was asked to look. */
    public void writable() throws IOException {
        if (output.callbackDue && completions == 0) {
            output.callbackDue = false;
            output.writable = true;
            requireNonNull(writeListener).onWritePossible();
        }
    }

    public void timeOut() throws IOException {
        requireNonNull(asyncListener).onTimeout(new AsyncEvent(async));
    }

    public void clientLeft() throws IOException {
        output.broken = true;
        requireNonNull(asyncListener).onError(new AsyncEvent(async, new IOException("left by the test")));
    }

    public int status() {
        return status;
    }

    public long timeout() {
        return timeout;
    }

    public int completions() {
        return completions;
    }

    /** Whether it was ended by a dispatch, for the servlet to break it off. */
    public boolean dispatched() {
        return dispatched;
    }

    public String body() {
        return body.toString(StandardCharsets.UTF_8);
    }

    @Nullable
    public String answered(String name) {
        return headers.get(name);
    }

    public HttpServletRequest request() {
        return fake(HttpServletRequest.class, (proxy, called, arguments) -> switch (called.getName()) {
            case "getMethod" -> method;
            case "getDispatcherType" -> DispatcherType.REQUEST;
            case "getServletPath" -> "/v1/models";
            case "getPathInfo" -> pathInfo;
            case "getServletContext" -> FakeExchange.context();
            case "isAsyncSupported" -> true;
            case "getHeader" -> null;
            case "getAttribute" -> attributes.get((String) arguments[0]);
            case "setAttribute" -> attributes.put((String) arguments[0], arguments[1]);
            case "getProtocol" -> "HTTP/1.1";
            case "startAsync" -> {
                started = true;
                yield async;
            }
            default -> throw new UnsupportedOperationException(called.toString());
        });
    }

    public HttpServletResponse response() {
        return fake(HttpServletResponse.class, (proxy, called, arguments) -> {
            switch (called.getName()) {
                case "setStatus" -> status = (int) arguments[0];
                case "setContentType" -> headers.put("Content-Type", (String) arguments[0]);
                case "setContentLength" -> headers.put("Content-Length", arguments[0].toString());
                case "setHeader" -> headers.put((String) arguments[0], (String) arguments[1]);
                case "resetBuffer" -> body.reset();
                case "getOutputStream" -> {
                    return output;
                }
                default -> throw new UnsupportedOperationException(called.toString());
            }
            return null;
        });
    }

    private void complete() {
        assertFirst();
        completions++;
    }

    private void assertFirst() {
        if (completions > 0) {
            throw new IllegalStateException("completed twice");
        }
    }

    private static <T> T fake(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private final class Output extends ServletOutputStream {
        private boolean callbackDue;
        private boolean writable;
        private boolean asked;
        private boolean broken;

        @Override
        public boolean isReady() {
            assertFirst();
            asked = writable;
            callbackDue |= !writable;
            return writable;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            writeListener = listener;
            callbackDue = true;
            if (callsBackAtOnce) {
                try {
                    writable();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (started) {
                if (!asked || broken) {
                    throw new AssertionError("written while not ready");
                }
                asked = false;
                writable = !oneWriteAtATime;
            }
            if (failure != null) {
                throw failure;
            }
            body.write(bytes, offset, length);
        }

        @Override
        public void write(int b) {
            throw new UnsupportedOperationException("byte by byte");
        }
    }
}
