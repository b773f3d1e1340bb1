package dev.sluice.bench;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** The gateways that can be measured, by name. */
final class Peers {
    static final List<String> NAMES = List.of(
            "none",
            "sluice",
            "sluice-tomcat",
            "sluice-plan",
            "nginx",
            "haproxy",
            "jetty-proxy",
            "spring-cloud-gateway");

    /** The heap of every other gateway in a JVM. */
    static final String JVM_HEAP = "-Xmx512m";

    private Peers() {}

    /**
     * Prepares the first start, which may be measured: reads the versions of programs and builds what has to be built.
     *
     * @return why this gateway cannot be started on this machine, and the fix; empty if it can
     */
    static Optional<String> missing(String name) {
        return switch (name) {
            case "nginx" -> NativeProxy.NGINX.missing();
            case "haproxy" -> NativeProxy.HAPROXY.missing();
            case "spring-cloud-gateway" -> SpringCloudGateway.missing();
            default -> Optional.empty();
        };
    }

    /**
     * Starts a gateway that is not missing in front of an upstream. Returns when it answers.
     *
     * @param upstream the upstream's URL with the path {@code /v1}, which the gateway serves too
     */
    static Peer start(String name, BenchOptions options, URI upstream) throws IOException {
        return switch (name) {
            case "none" -> Peer.none(upstream);
            case "sluice" -> Peer.sluice("jetty", options, upstream);
            case "sluice-tomcat" -> Peer.sluice("tomcat", options, upstream);
            case "sluice-plan" -> Peer.sluiceWithPlan(options, upstream);
            case "nginx" -> NativeProxy.NGINX.start(upstream);
            case "haproxy" -> NativeProxy.HAPROXY.start(upstream);
            case "jetty-proxy" -> JettyProxy.start(upstream);
            case "spring-cloud-gateway" -> SpringCloudGateway.start(upstream);
            default -> throw new IllegalArgumentException("No such peer: " + name + ", but " + NAMES);
        };
    }
}
