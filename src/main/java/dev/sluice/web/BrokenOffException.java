package dev.sluice.web;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown to the container after an answer that is not whole: it then breaks the connection off, where completing the
 * answer would end it as if it were. No stack trace: it is no fault of ours, and the container may log it. On Tomcat, which
 * would log it several times and call its error page, an exception of Tomcat's own does the same in silence.
 *
 * <p>Only in a dispatch can it be thrown, so whoever breaks an answer off {@linkplain #dispatch dispatches} it, having
 * announced why. A filter of the host's may dispatch too, for reasons of its own.
 */
public final class BrokenOffException extends IOException {
    private static final long serialVersionUID = 1;

    /** Request attribute, a {@link Boolean}. */
    private static final String DUE = "dev.sluice.broken-off";

    BrokenOffException() {
        super("The answer broke off; so does its connection");
    }

    /** Says that the dispatch to follow is for this. Any thread. */
    public static void announce(ServletRequest request) {
        request.setAttribute(DUE, true);
    }

    /**
     * Where a request is to be dispatched for it; null if simply again. One that a host has forwarded to us, or had us
     * included by, would go to the host once more. By the thread of the request's dispatch.
     */
    public static @Nullable String detour(HttpServletRequest request) {
        DispatcherType type = request.getDispatcherType();
        return type == DispatcherType.FORWARD || type == DispatcherType.INCLUDE
                ? Mount.of(request.getServletContext()).path() + "/problem"
                : null;
    }

    /** {@linkplain #announce Announces} it and dispatches the request. Any thread. */
    public static void dispatch(AsyncContext async, ServletRequest request, @Nullable String detour) {
        announce(request);
        if (detour == null) {
            async.dispatch();
        } else {
            async.dispatch(detour);
        }
    }

    /**
     * Breaks the answer off if the request was dispatched for that.
     *
     * @throws IOException to the container, which ends the connection
     */
    public static void throwIfDue(ServletRequest request) throws IOException {
        if (isDue(request)) {
            IOException tomcats = TomcatView.clientAbort(request);
            throw tomcats != null ? tomcats : new BrokenOffException();
        }
    }

    /** Whether the request is dispatched for it. */
    public static boolean isDue(ServletRequest request) {
        // Not in the error's dispatch that it may lead to.
        return request.getDispatcherType() == DispatcherType.ASYNC && request.getAttribute(DUE) != null;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
