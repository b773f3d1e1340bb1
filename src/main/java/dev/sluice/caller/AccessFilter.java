package dev.sluice.caller;

import dev.sluice.caller.Asking.Known;
import dev.sluice.caller.Asking.Stranger;
import dev.sluice.caller.Asking.Unverified;
import dev.sluice.caller.CrossOrigin.RequestingPage;
import dev.sluice.chat.Failure;
import dev.sluice.config.IpLiteral;
import dev.sluice.config.Network;
import dev.sluice.config.Settings;
import dev.sluice.relay.Caller;
import dev.sluice.web.BrokenOffException;
import dev.sluice.web.Page;
import dev.sluice.web.Pass;
import dev.sluice.web.Problem;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which requests are allowed, and who the caller is. It checks each request once, in this order:
 *
 * <ol>
 *   <li>A CORS preflight, which has no key: answered here with 204 if the origin is listed, else with 403.
 *   <li>{@code /health/*}: allowed for everyone.
 *   <li>A page of an origin that is not listed: 403, except for navigations to the chat page and its files.
 *   <li>A caller whom {@link Callers} knows: allowed.
 *   <li>All others: 401 or 403, except for the chat page if it can ask the user for a key or a token.
 * </ol>
 *
 * A request whose token cannot be verified yet {@linkplain KeyWait waits} for its issuer's keys, once, and is then checked again.
 *
 * If one of the {@link TrustedProxies} has forwarded the request, its headers tell the client's address and the host.
 * {@code /metrics} is also for those whom {@link MetricsRule} lets in. Each allowed request gets a {@link Pass} with its {@link
 * Caller}. When a request is dispatched again, it is not checked if its caller may use every path; that of a stranger is,
 * because the path may differ. ERROR dispatches are not checked, because every servlet checks the pass; nor are those that
 * abort a connection. Any thread may call it.
 */
public final class AccessFilter implements Filter {
    private static final String METRICS = "/metrics";
    private static final String CHALLENGE = "Bearer realm=\"sluice\"";

    private final Callers callers;
    private final MetricsRule metrics;
    private final CrossOrigin crossOrigin;
    private final TrustedProxies proxies;

    /**
     * @param corsOrigins origins whose pages may call, each as {@code https://host[:port]}
     * @param metrics who may read {@code /metrics}
     * @param proxies peers whose forwarding headers are believed
     * @throws IllegalArgumentException if a member of {@code corsOrigins} is no origin
     */
    public AccessFilter(Callers callers, Set<String> corsOrigins, Settings.Metrics metrics, List<Network> proxies) {
        this.callers = callers;
        this.metrics = new MetricsRule(metrics);
        this.crossOrigin = new CrossOrigin(corsOrigins);
        this.proxies = new TrustedProxies(proxies);
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request.getDispatcherType() == DispatcherType.ERROR || BrokenOffException.isDue(request)) {
            chain.doFilter(request, response);
        } else if (request instanceof HttpServletRequest http && response instanceof HttpServletResponse answer) {
            if (Pass.isTrusted(http)) {
                chain.doFilter(request, response);
            } else {
                check(http, answer, chain);
            }
        } else {
            throw new ServletException("Sluice speaks HTTP only");
        }
    }

    private void check(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Forwarded forwarded = proxies.on(request);
        RequestingPage page = crossOrigin.requestingPage(request, forwarded);
        if (Pass.of(request) == null && !KeyWait.hasBegun(request)) {
            crossOrigin.mark(page, request, response);
        }
        if (page == RequestingPage.LISTED && CrossOrigin.isPreflight(request)) {
            CrossOrigin.answerPreflight(request, response);
            return;
        }
        Asking asking = callers.of(request, forwarded);
        if (asking instanceof Known known && page != RequestingPage.FOREIGN) {
            Pass.giveEverything(request, known.caller(), client(request, forwarded));
            chain.doFilter(request, response);
            return;
        }
        if (asking instanceof Unverified unverified) {
            boolean worthWaiting = page != RequestingPage.FOREIGN && !isHealth(request);
            Failure refusal = unverified.token().otherwise();
            if (worthWaiting && !KeyWait.hasEnded(request, unverified.token().keys())) {
                refusal = KeyWait.begin(request, response, unverified.token());
                if (refusal == null) {
                    return; // it is dispatched again
                }
            }
            asking = Asking.badToken(refusal);
        }
        Failure stranger = asking instanceof Stranger unknown ? unknown.objection() : null;
        Pass pass = passOfStranger(request, page, stranger);
        if (pass != null) {
            pass.giveTo(request);
            chain.doFilter(request, response);
            return;
        }
        Failure refusal = refusal(request, page, stranger);
        if (refusal.status() == HttpServletResponse.SC_UNAUTHORIZED) {
            boolean badToken = asking instanceof Stranger unknown && unknown.badToken();
            response.setHeader("WWW-Authenticate", badToken ? CHALLENGE + ", error=\"invalid_token\"" : CHALLENGE);
        }
        Problem.write(request, response, refusal);
    }

    /** The address of the client; null if it is not known. Never text that a client has written. */
    private static @Nullable String client(HttpServletRequest request, @Nullable Forwarded forwarded) {
        InetAddress address = forwarded == null
                ? IpLiteral.ofPeer(Peer.bare(request).getRemoteAddr()) // filters of the host may believe anyone
                : forwarded.client();
        return address == null ? null : IpLiteral.text(address);
    }

    private static boolean isHealth(HttpServletRequest request) {
        String path = Page.pathOf(request);
        return path.equals("/health") || path.startsWith("/health/");
    }

    /** The pass of a stranger for this path; null if it gets none. */
    private @Nullable Pass passOfStranger(HttpServletRequest request, RequestingPage page, @Nullable Failure stranger) {
        if (isHealth(request)) {
            return CrossOrigin.isPreflight(request) ? null : Pass.HEALTH;
        }
        if (page == RequestingPage.FOREIGN && !isPlainNavigation(request)) {
            return null;
        }
        if (Page.pathOf(request).equals(METRICS)) {
            return metrics.letsIn(request) ? Pass.METRICS : null;
        }
        return Page.isFetchedBy(request) && (callers.knowBearers() || stranger == null) ? Pass.PAGE : null;
    }

    private Failure refusal(HttpServletRequest request, RequestingPage page, @Nullable Failure stranger) {
        if (stranger == null || (page == RequestingPage.FOREIGN && !isPlainNavigation(request))) {
            return foreignPage(request);
        }
        boolean itsKeyIsTheOnly = Page.pathOf(request).equals(METRICS) && metrics.haveKeys() && !callers.knowBearers();
        return itsKeyIsTheOnly ? MetricsRule.objection(request) : stranger;
    }

    /** Whether it is a navigation from another site to the chat page, which only shows the page. */
    private static boolean isPlainNavigation(HttpServletRequest request) {
        return "navigate".equals(request.getHeader("Sec-Fetch-Mode")) && Page.isFetchedBy(request);
    }

    private static Failure foreignPage(HttpServletRequest request) {
        String header = request.getHeader("Origin");
        Origin origin = header == null ? null : Origin.parse(header);
        return Failure.invalid(
                403,
                "cross_origin",
                "A page of another origin" + (origin == null ? "" : ", " + origin + ",")
                        + " may not call this server. sluice.cors.origins lists those that may.",
                null);
    }
}
