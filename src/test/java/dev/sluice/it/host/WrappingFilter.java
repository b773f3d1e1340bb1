package dev.sluice.it.host;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;

/** Wraps requests and their asynchronous contexts, as Spring Security does. */
public final class WrappingFilter implements Filter {
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        chain.doFilter(new Wrapped((HttpServletRequest) request), response);
    }

    private static final class Wrapped extends HttpServletRequestWrapper {
        Wrapped(HttpServletRequest request) {
            super(request);
        }

        @Override
        public AsyncContext startAsync() {
            return new WrappedContext(super.startAsync());
        }

        @Override
        public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
            return new WrappedContext(super.startAsync(request, response));
        }
    }

    private record WrappedContext(AsyncContext inner) implements AsyncContext {
        @Override
        public ServletRequest getRequest() {
            return inner.getRequest();
        }

        @Override
        public ServletResponse getResponse() {
            return inner.getResponse();
        }

        @Override
        public boolean hasOriginalRequestAndResponse() {
            return inner.hasOriginalRequestAndResponse();
        }

        @Override
        public void dispatch() {
            inner.dispatch();
        }

        @Override
        public void dispatch(String path) {
            inner.dispatch(path);
        }

        @Override
        public void dispatch(ServletContext context, String path) {
            inner.dispatch(context, path);
        }

        @Override
        public void complete() {
            inner.complete();
        }

        @Override
        public void start(Runnable task) {
            inner.start(task);
        }

        @Override
        public void addListener(AsyncListener listener) {
            inner.addListener(listener);
        }

        @Override
        public void addListener(AsyncListener listener, ServletRequest request, ServletResponse response) {
            inner.addListener(listener, request, response);
        }

        @Override
        public <T extends AsyncListener> T createListener(Class<T> type) throws ServletException {
            return inner.createListener(type);
        }

        @Override
        public void setTimeout(long millis) {
            inner.setTimeout(millis);
        }

        @Override
        public long getTimeout() {
            return inner.getTimeout();
        }
    }
}
