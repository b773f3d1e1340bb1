package dev.sluice.web;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response without a container: a request as a browser on this machine makes it, until told
 * otherwise. Whatever a filter calls that is not faked here throws.
 */
public final class FakeExchange {
    private final Map<String, List<String>> requestHeaders = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<String, List<String>> responseHeaders = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<String, Object> attributes = new HashMap<>();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final String method;
    private final String path;
    private String protocol = "HTTP/1.1";
    private @Nullable String peer = "127.0.0.1";
    private @Nullable String user;
    private Set<String> roles = Set.of();
    private String serverName = "localhost";
    private boolean secure;
    private DispatcherType dispatch = DispatcherType.REQUEST;
    private int status = 200;
    private boolean committed;
    private int passedOn;

    public FakeExchange(String method, String path) {
        this.method = method;
        this.path = path;
        header("Host", "localhost:8080");
    }

    public FakeExchange header(String name, @Nullable String value) {
        requestHeaders.remove(name);
        if (value != null) {
            requestHeaders.put(name, List.of(value));
        }
        return this;
    }

    /** One more line of a header. */
    public FakeExchange more(String name, String value) {
        requestHeaders.merge(name, List.of(value), (before, added) -> Stream.concat(before.stream(), added.stream())
                .toList());
        return this;
    }

    public FakeExchange peer(@Nullable String address) {
        this.peer = address;
        return this;
    }

    public FakeExchange protocol(String version) {
        this.protocol = version;
        return this;
    }

    public FakeExchange serverName(String name) {
        this.serverName = name;
        return this;
    }

    public FakeExchange user(String name) {
        this.user = name;
        return this;
    }

    /** What the container says its user has. */
    public FakeExchange roles(String... names) {
        this.roles = Set.of(names);
        return this;
    }

    public FakeExchange secure() {
        this.secure = true;
        return this;
    }

    public FakeExchange dispatch(DispatcherType type) {
        this.dispatch = type;
        return this;
    }

    /** Sends it through a filter, which may pass it on. */
    public FakeExchange through(Filter filter) throws Exception {
        filter.doFilter(request(), response(), (request, response) -> passedOn++);
        assert passedOn <= 1 : "passed on " + passedOn + " times";
        return this;
    }

    /** The answer has begun: nothing of its head can be changed any more. */
    FakeExchange begun() {
        committed = true;
        return this;
    }

    public boolean passed() {
        return passedOn == 1;
    }

    public int status() {
        return status;
    }

    public String body() {
        return body.toString(StandardCharsets.UTF_8);
    }

    public int bodyLength() {
        return body.size();
    }

    @Nullable
    Object attribute(String name) {
        return attributes.get(name);
    }

    /** All values of a response header, joined; null if there is none. */
    @Nullable
    public String answered(String name) {
        List<String> values = responseHeaders.get(name);
        return values == null ? null : String.join(", ", values);
    }

    public HttpServletRequest request() {
        return fake(HttpServletRequest.class, (proxy, called, arguments) -> switch (called.getName()) {
            case "getMethod" -> method;
            case "getServletPath" -> path;
            case "getPathInfo" -> null;
            case "getProtocol" -> protocol;
            case "getRemoteAddr" -> peer;
            case "getServerName" -> serverName;
            case "getServerPort" -> 8080;
            case "isSecure" -> secure;
            case "getDispatcherType" -> dispatch;
            case "isAsyncSupported" -> false;
            case "getServletContext" -> context();
            case "isUserInRole" -> user != null && roles.contains((String) arguments[0]);
            case "getUserPrincipal" -> user == null ? null : (Principal) () -> user;
            case "getHeader" ->
                requestHeaders.getOrDefault((String) arguments[0], List.of()).stream()
                        .findFirst()
                        .orElse(null);
            case "getHeaders" -> Collections.enumeration(requestHeaders.getOrDefault((String) arguments[0], List.of()));
            case "getHeaderNames" -> Collections.enumeration(requestHeaders.keySet());
            case "getAttribute" -> attributes.get((String) arguments[0]);
            case "setAttribute" -> attributes.put((String) arguments[0], arguments[1]);
            default -> throw new UnsupportedOperationException(called.toString());
        });
    }

    /** Of our own WAR. */
    static ServletContext context() {
        return fake(ServletContext.class, (proxy, called, arguments) -> {
            if (called.getName().equals("getAttribute")) {
                return null;
            }
            throw new UnsupportedOperationException(called.toString());
        });
    }

    public HttpServletResponse response() {
        return fake(HttpServletResponse.class, (proxy, called, arguments) -> {
            switch (called.getName()) {
                case "setStatus" -> status = (int) arguments[0];
                case "setContentType" -> responseHeaders.put("Content-Type", List.of((String) arguments[0]));
                case "setContentLength" -> responseHeaders.put("Content-Length", List.of(arguments[0].toString()));
                case "setHeader" -> responseHeaders.put((String) arguments[0], List.of((String) arguments[1]));
                case "addHeader" ->
                    responseHeaders
                            .computeIfAbsent((String) arguments[0], name -> new ArrayList<>())
                            .add((String) arguments[1]);
                case "resetBuffer" -> {
                    if (committed) {
                        throw new IllegalStateException("Cannot reset buffer after response has been committed");
                    }
                    body.reset();
                }
                case "getOutputStream" -> {
                    return new BodyStream(body);
                }
                case "isCommitted" -> {
                    return committed;
                }
                case "getHeader" -> {
                    return answered((String) arguments[0]);
                }
                case "containsHeader" -> {
                    return responseHeaders.containsKey((String) arguments[0]);
                }
                default -> throw new UnsupportedOperationException(called.toString());
            }
            return null;
        });
    }

    private static <T> T fake(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static final class BodyStream extends ServletOutputStream {
        private final ByteArrayOutputStream body;

        BodyStream(ByteArrayOutputStream body) {
            this.body = body;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            throw new UnsupportedOperationException("no container to call it");
        }

        @Override
        public void write(int b) {
            body.write(b);
        }
    }
}
