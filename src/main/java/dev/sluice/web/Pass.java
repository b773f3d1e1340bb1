package dev.sluice.web;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Caller;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code AccessFilter} has let a request in to, which every servlet of ours asks before it answers, and who makes the
 * request. A host may dispatch a request past the filter (by a servlet's name, say), or on to another path than the one
 * that was looked at. The attribute stays with the request wherever it is dispatched to.
 *
 * <p>The attribute's value is of our own type, so that nothing else can set it: not a host that turns parameters into
 * attributes, and not a Sluice in another application that dispatches to this one by rules of its own.
 */
public enum Pass {
    /** The caller is known, and may use everything. */
    EVERYTHING,
    /** A stranger, at {@code /health/*}. */
    HEALTH,
    /** A stranger, at {@code /metrics}, which was opened. */
    METRICS,
    /** A stranger, at the page or a file of it. */
    PAGE;

    private static final String ATTRIBUTE = "dev.sluice.pass";

    private static final Failure NOT_LOOKED_AT = Failure.invalid(
            403,
            "not_looked_at",
            "This request was dispatched past the filter that looks at who calls, and is refused. An application that has"
                    + " Sluice as a guest can forward to or include its paths, but not its servlets by name.",
            null);

    /** Lets a known caller in to everything. By the thread of the request's dispatch. */
    public static void giveEverything(HttpServletRequest request, Caller caller) {
        request.setAttribute(ATTRIBUTE, new Given(EVERYTHING, caller));
    }

    /** Lets a stranger in to this. By the thread of the request's dispatch. */
    public void giveTo(HttpServletRequest request) {
        if (this == EVERYTHING) {
            throw new IllegalStateException("Only a known caller may use everything");
        }
        request.setAttribute(ATTRIBUTE, new Given(this, null));
    }

    /** Null if the request was not looked at. */
    public static @Nullable Pass of(HttpServletRequest request) {
        Given given = given(request);
        return given == null ? null : given.pass;
    }

    /** Who makes the request; null if it is a stranger, or the request was not looked at. */
    public static @Nullable Caller callerOf(HttpServletRequest request) {
        Given given = given(request);
        return given == null ? null : given.caller;
    }

    /** Whether the caller may use everything: only such a one is told details. */
    public static boolean isTrusted(HttpServletRequest request) {
        return of(request) == EVERYTHING;
    }

    /**
     * Why a servlet must not answer, null if it may.
     *
     * @param strangers what else a pass may be for, beside everything
     */
    public static @Nullable Failure objection(HttpServletRequest request, Set<Pass> strangers) {
        Pass pass = of(request);
        return pass == EVERYTHING || (pass != null && strangers.contains(pass)) ? null : NOT_LOOKED_AT;
    }

    private static @Nullable Given given(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof Given given ? given : null;
    }

    /**
     * The attribute's value.
     *
     * @param caller who may use everything; null with any other pass
     */
    private record Given(Pass pass, @Nullable Caller caller) {}
}
