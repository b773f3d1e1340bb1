package dev.sluice.web;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown to the container to abort the connection of an incomplete answer; {@code AsyncContext.complete()} would end the
 * answer normally. It has no stack trace, because it reports no fault of the code and the container may log it. Tomcat
 * would log it several times and call its error page, so there a {@code ClientAbortException} is thrown instead.
 *
 * <p>It can be thrown in a dispatch only. So the code that aborts an answer marks the request by {@link #announce} and
 * {@linkplain #dispatch dispatches} it. The mark tells this dispatch from those of the host's filters.
 */
public final class BrokenOffException extends IOException {
    private static final long serialVersionUID = 1;

    /** Request attribute, a {@link Boolean}: the mark. */
    private static final String DUE = "dev.sluice.broken-off";

    BrokenOffException() {
        super("The answer is incomplete, so its connection is aborted");
    }

    /** Marks the request: the next dispatch throws this exception. Any thread may call it. */
    public static void announce(ServletRequest request) {
        request.setAttribute(DUE, true);
    }

    /**
     * The path to dispatch the request to; null for its own path. A request that the host has forwarded, or that includes
     * Sluice, would go to the host's servlet again. Called by the thread of the request's dispatch.
     */
    public static @Nullable String detour(HttpServletRequest request) {
        DispatcherType type = request.getDispatcherType();
        return type == DispatcherType.FORWARD || type == DispatcherType.INCLUDE
                ? Mount.of(request.getServletContext()).path() + "/problem"
                : null;
    }

    /** {@linkplain #announce Marks} the request and dispatches it. Any thread may call it. */
    public static void dispatch(AsyncContext async, ServletRequest request, @Nullable String detour) {
        announce(request);
        if (detour == null) {
            async.dispatch();
        } else {
            async.dispatch(detour);
        }
    }

    /**
     * Throws the exception if the request was dispatched for it. Called by the thread of the request's dispatch.
     *
     * @throws IOException to the container, which aborts the connection
     */
    public static void throwIfDue(ServletRequest request) throws IOException {
        if (isDue(request)) {
            IOException tomcats = TomcatView.clientAbort(request);
            throw tomcats != null ? tomcats : new BrokenOffException();
        }
    }

    /** Whether the request was dispatched for this exception. */
    public static boolean isDue(ServletRequest request) {
        // The exception may lead to an ERROR dispatch, in which it must not be thrown again.
        return request.getDispatcherType() == DispatcherType.ASYNC && request.getAttribute(DUE) != null;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
