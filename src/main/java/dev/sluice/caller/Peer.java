package dev.sluice.caller;

import dev.sluice.config.IpLiteral;
import dev.sluice.web.ContainerPath;
import dev.sluice.web.JettyView;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Locale;

/**
 * Who is at the other end of a request's connection, whatever a host's filters and the container make of it. Both can
 * put the address that a proxy's header tells in place of the peer's, and take the header away: then {@code
 * getRemoteAddr()} is the word of whoever sent that header.
 *
 * <ul>
 *   <li>Filters do it in a wrapper: the container's own request is looked at instead.
 *   <li>Tomcat's {@code RemoteIpValve} marks the requests that it may have done it to.
 *   <li>What comes to Tomcat by AJP comes from a web server in front, which adds no header but tells an address itself.
 *   <li>Jetty ({@code ForwardedRequestCustomizer}, PROXY protocol) and Undertow ({@code ProxyPeerAddressHandler}) show the
 *       connection too.
 *   <li>Open Liberty ({@code remoteIp}) leaves the header in place, which tells by itself; so does Undertow.
 * </ul>
 */
final class Peer {
    /**
     * Set by Tomcat's valve on what comes from a peer that it believes, whether it has found another address or not. (A
     * client that came straight from this machine, and one whose header says so, look the same behind it.)
     */
    private static final String BELIEVED_BY_TOMCAT = "org.apache.tomcat.request.forwarded";

    /** Set by it on every request: without a look at the connection it is unknown then what it has done. */
    private static final List<String> SET_BY_TOMCATS_VALVE =
            List.of("org.apache.catalina.AccessLog.RemoteAddr", "org.apache.tomcat.remoteAddr");

    private static final ContainerPath TOMCATS = new ContainerPath("org.apache.catalina.", ".request", "getPeerAddr");
    private static final ContainerPath TOMCATS_PROTOCOL =
            new ContainerPath("org.apache.catalina.", ".request", "getConnector", "getProtocol");
    private static final ContainerPath UNDERTOWS =
            new ContainerPath("io.undertow.", "getExchange", "getConnection", "getPeerAddress");
    private static final ContainerPath UNDERTOWS_TOLD =
            new ContainerPath("io.undertow.", "getExchange", "getSourceAddress");
    private static final JettyView JETTY = new JettyView();

    private Peer() {}

    /** The request as the container made it, without what filters have put around it. */
    static HttpServletRequest bare(HttpServletRequest request) {
        return ContainerPath.unwrapped(request) instanceof HttpServletRequest own ? own : request;
    }

    /**
     * Whether {@code getRemoteAddr()} is not, or may not be, the address that the connection came from.
     *
     * @param request {@linkplain #bare the container's own}
     */
    static boolean isReplaced(HttpServletRequest request) {
        if (request.getAttribute(BELIEVED_BY_TOMCAT) != null || isByAjp(request)) {
            return true;
        }
        if (TOMCATS.from(request) instanceof String real) {
            InetAddress peer = IpLiteral.ofPeer(real);
            return peer == null || !peer.equals(IpLiteral.ofPeer(request.getRemoteAddr()));
        }
        Boolean replacedByJetty = JETTY.isPeerReplaced(request);
        if (replacedByJetty != null) {
            return replacedByJetty;
        }
        if (UNDERTOWS.from(request) instanceof SocketAddress real) {
            return !real.equals(UNDERTOWS_TOLD.from(request));
        }
        return SET_BY_TOMCATS_VALVE.stream().anyMatch(name -> request.getAttribute(name) != null);
    }

    /** Named by {@code AJP/1.3} or by a class of Tomcat's. */
    private static boolean isByAjp(HttpServletRequest request) {
        return TOMCATS_PROTOCOL.from(request) instanceof String protocol
                && protocol.toLowerCase(Locale.ROOT).contains("ajp");
    }
}
