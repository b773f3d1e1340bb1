package dev.sluice.web;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What Jetty 12 shows of a request to whoever asks its objects, whose types an application cannot name. Of other
 * containers, and other versions, this sees nothing. Stateless but for what it remembers of those types. Any thread.
 */
final class JettyView {
    private static final String JETTY = "org.eclipse.jetty.";

    private final Way socket =
            new Way("getRequest", "getConnectionMetaData", "getConnection", "getEndPoint", "getTransport");
    private final Way gathered =
            new Way("getRequest", "getConnectionMetaData", "getHttpConfiguration", "getOutputAggregationSize");
    private final Way bufferSize =
            new Way("getRequest", "getConnectionMetaData", "getHttpConfiguration", "getOutputBufferSize");
    private final Way core = new Way("getRequest");
    private final Step listening = new Step("addFailureListener", Consumer.class);

    /** Whether the response is Jetty's own, in nobody's wrapping. */
    static boolean isJettys(HttpServletResponse response) {
        return response.getClass().getName().startsWith(JETTY);
    }

    /** What a request came by; null where there is none to be seen, or it is not this request's alone, or encrypted. */
    @Nullable
    SocketChannel socketOf(HttpServletRequest request) {
        if (request.isSecure() || !request.getProtocol().startsWith("HTTP/1.")) {
            return null;
        }
        return socket.from(request) instanceof SocketChannel channel ? channel : null;
    }

    /**
     * Whether the response's output is Jetty's own, untouched, and gathers nothing: neither by its configuration, nor
     * because somebody before us has asked for another buffer.
     */
    boolean gathersNothing(HttpServletRequest request, HttpServletResponse response) throws IOException {
        return !response.isCommitted()
                && response.getOutputStream().getClass().getName().startsWith(JETTY)
                && Integer.valueOf(0).equals(gathered.from(request))
                && Integer.valueOf(response.getBufferSize()).equals(bufferSize.from(request));
    }

    /**
     * Hears of a client's reset (HTTP/2) also while the request's dispatch has not returned, which Jetty keeps from an
     * {@link jakarta.servlet.AsyncListener} (its {@code ServletChannelState.asyncError}).
     *
     * @param left called by a thread of the container's, at any time; not if somebody waits to read or write, who is
     *     told instead
     */
    void onReset(HttpServletRequest request, Runnable left) {
        Object inner = core.from(request);
        if (inner != null) {
            Consumer<Throwable> listener = reset -> left.run();
            try {
                listening.from(inner, listener);
            } catch (ReflectiveOperationException | RuntimeException anotherVersion) {
                // It is noticed when a write fails.
            }
        }
    }

    /** From the request of the Servlet API down to something of Jetty's, from method to method. */
    private static final class Way {
        private final List<Step> steps;

        Way(String... methods) {
            steps = Stream.of(methods).map(name -> new Step(name)).toList();
        }

        @Nullable
        Object from(HttpServletRequest request) {
            Object at = unwrapped(request);
            if (!at.getClass().getName().startsWith(JETTY)) {
                return null;
            }
            try {
                for (Step step : steps) {
                    at = step.from(at);
                    if (at == null) {
                        return null;
                    }
                }
                return at;
            } catch (ReflectiveOperationException | RuntimeException anotherVersion) {
                return null;
            }
        }

        private static ServletRequest unwrapped(ServletRequest request) {
            ServletRequest inner = request;
            while (inner instanceof ServletRequestWrapper wrapper) {
                inner = wrapper.getRequest();
            }
            return inner;
        }
    }

    private static final class Step {
        private final String name;
        private final Class<?>[] parameters;

        /** As many as a container has types for what has this method. */
        private final ConcurrentMap<Class<?>, Method> methods = new ConcurrentHashMap<>();

        Step(String name, Class<?>... parameters) {
            this.name = name;
            this.parameters = parameters;
        }

        @Nullable
        Object from(Object at, Object... arguments) throws ReflectiveOperationException {
            Class<?> type = at.getClass();
            Method method = methods.get(type);
            if (method == null) {
                method = type.getMethod(name, parameters);
                method.setAccessible(true); // the method is public, its class need not be
                methods.put(type, method);
            }
            return method.invoke(at, arguments);
        }
    }
}
