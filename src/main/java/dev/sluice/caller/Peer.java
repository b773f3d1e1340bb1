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
 * Finds out whether {@code getRemoteAddr()} is the address of the connection's peer. Filters of the host and the container can
 * replace it by the address in a forwarding header and remove the header, so that it may be forged.
 *
 * <ul>
 *   <li>Filters replace it in a wrapper, so the container's own request is used.
 *   <li>Tomcat's {@code RemoteIpValve} marks requests whose address it may have replaced.
 *   <li>A request by AJP comes from a web server in front of Tomcat, which sends an address and adds no header.
 *   <li>Jetty ({@code ForwardedRequestCustomizer}, PROXY protocol) and Undertow ({@code ProxyPeerAddressHandler}) also show the
 *       connection's own address.
 *   <li>Open Liberty ({@code remoteIp}) and Undertow do not remove the header, which {@link ThisMachine} checks.
 * </ul>
 */
final class Peer {
    /**
     * The attribute that Tomcat's valve sets for peers that it trusts, whether or not it has replaced the address. (Behind it, a
     * client on this machine and one whose header claims so look the same.)
     */
    private static final String BELIEVED_BY_TOMCAT = "org.apache.tomcat.request.forwarded";

    /** The attribute that the valve sets on every request; then only the connection shows what it has done. */
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

    /** The container's own request, without the wrappers of filters. */
    static HttpServletRequest bare(HttpServletRequest request) {
        return ContainerPath.unwrapped(request) instanceof HttpServletRequest own ? own : request;
    }

    /**
     * Whether {@code getRemoteAddr()} is not the address of the connection's peer, or may not be.
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

    /** Whether the connector's protocol, {@code AJP/1.3} or the name of a class of Tomcat, is AJP. */
    private static boolean isByAjp(HttpServletRequest request) {
        return TOMCATS_PROTOCOL.from(request) instanceof String protocol
                && protocol.toLowerCase(Locale.ROOT).contains("ajp");
    }
}
