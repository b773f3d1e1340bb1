package dev.sluice.web;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Method;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The socket that a request came by, where the container shows it: Jetty 12 does, to whoever asks its objects, whose types
 * an application cannot name. Stateless but for what it remembers of those types. Any thread.
 */
final class ClientSocket {
    /** From the request of the Servlet API down to the socket. */
    private final List<Step> way = Stream.of(
                    "getRequest", "getConnectionMetaData", "getConnection", "getEndPoint", "getTransport")
            .map(Step::new)
            .toList();

    /** Null where there is none to be seen, or where it is not this request's alone, or encrypted. */
    @Nullable
    SocketChannel of(HttpServletRequest request) {
        if (request.isSecure() || !request.getProtocol().startsWith("HTTP/1.")) {
            return null;
        }
        Object at = unwrapped(request);
        if (!at.getClass().getName().startsWith("org.eclipse.jetty.")) {
            return null;
        }
        try {
            for (Step step : way) {
                at = step.from(at);
                if (at == null) {
                    return null;
                }
            }
            return at instanceof SocketChannel channel ? channel : null;
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

    private static final class Step {
        private final String name;

        /** As many as a container has types for what has this method. */
        private final ConcurrentMap<Class<?>, Method> methods = new ConcurrentHashMap<>();

        Step(String name) {
            this.name = name;
        }

        @Nullable
        Object from(Object at) throws ReflectiveOperationException {
            Class<?> type = at.getClass();
            Method method = methods.get(type);
            if (method == null) {
                method = type.getMethod(name);
                method.setAccessible(true); // the method is public, its class need not be
                methods.put(type, method);
            }
            return method.invoke(at);
        }
    }
}
