package dev.sluice.web;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Caller;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code AccessFilter} has allowed a request, with its caller and the client's address. Every servlet checks the pass before it answers, because
 * a host application may dispatch a request past the filter (by a servlet's name), or to another path than the filter has
 * checked.
 *
 * <p>It is a request attribute, which stays when the request is dispatched. Its value has a type of this class, so that
 * nobody else can set it: neither a host that copies parameters to attributes, nor a Sluice of another application that
 * dispatches to this one and has other access rules.
 */
public enum Pass {
    /** The caller is known, and may use every path. */
    EVERYTHING,
    /** A stranger may use {@code /health/*}. */
    HEALTH,
    /** A stranger may use {@code /metrics}, by {@code sluice.metrics.open}. */
    METRICS,
    /** A stranger may load the page and its files. */
    PAGE;

    private static final String ATTRIBUTE = "dev.sluice.pass";

    private static final Failure NOT_CHECKED = Failure.invalid(
            403,
            "not_looked_at",
            "This request was dispatched past Sluice's access filter, and is refused. Forward to a path of Sluice or include"
                    + " it; do not dispatch to its servlets by name.",
            null);

    /**
     * Allows a known caller every path. Called by the thread of the request's dispatch.
     *
     * @param client the IP address of the client; null if it is not known
     */
    public static void giveEverything(HttpServletRequest request, Caller caller, @Nullable String client) {
        request.setAttribute(ATTRIBUTE, new Given(EVERYTHING, caller, client));
    }

    /** Allows a stranger this. Called by the thread of the request's dispatch. */
    public void giveTo(HttpServletRequest request) {
        if (this == EVERYTHING) {
            throw new IllegalStateException("Only a known caller may use everything");
        }
        request.setAttribute(ATTRIBUTE, new Given(this, null, null));
    }

    /** The request's pass; null if the filter has not seen the request. */
    public static @Nullable Pass of(HttpServletRequest request) {
        Given given = given(request);
        return given == null ? null : given.pass;
    }

    /** The caller of the request; null for a stranger, and if the filter has not seen the request. */
    public static @Nullable Caller callerOf(HttpServletRequest request) {
        Given given = given(request);
        return given == null ? null : given.caller;
    }

    /** The IP address of a known caller; null if it is not known, and for a stranger. */
    public static @Nullable String clientOf(HttpServletRequest request) {
        Given given = given(request);
        return given == null ? null : given.client;
    }

    /** Whether the caller may use every path; only such a caller gets details. */
    public static boolean isTrusted(HttpServletRequest request) {
        return of(request) == EVERYTHING;
    }

    /**
     * The refusal of a request that a servlet must not answer; null if it may.
     *
     * @param strangers the passes that the servlet accepts beside {@link #EVERYTHING}
     */
    public static @Nullable Failure objection(HttpServletRequest request, Set<Pass> strangers) {
        Pass pass = of(request);
        return pass == EVERYTHING || (pass != null && strangers.contains(pass)) ? null : NOT_CHECKED;
    }

    private static @Nullable Given given(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof Given given ? given : null;
    }

    /**
     * The attribute's value.
     *
     * @param caller who may use everything; null with any other pass
     * @param client the IP address of that caller; null if it is not known
     */
    private record Given(
            Pass pass, @Nullable Caller caller, @Nullable String client) {}
}
