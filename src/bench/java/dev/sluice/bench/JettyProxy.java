package dev.sluice.bench;

import dev.sluice.it.ServerProcess;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts a {@link JettyProxyServer} with the libraries of the Jetty in which Sluice is measured. */
final class JettyProxy {
    private static final Pattern LIBRARIES = Pattern.compile("jakarta\\.servlet-api-6\\.0\\..*"
            + "|jetty-(client|alpn-client|http|io|security|server|session|util|ee10-proxy|ee10-servlet)-\\d.*"
            + "|jetty-compression-(common|gzip)-.*|slf4j-api-.*|jetty-slf4j-impl-.*");

    private JettyProxy() {}

    static Peer start(URI upstream) throws IOException {
        Path home = Path.of(ServerProcess.property("test.jetty.home"));
        int port = ServerProcess.freePort();
        List<String> command = List.of(
                ServerProcess.java(),
                Peers.JVM_HEAP,
                "-cp",
                classPath(home),
                JettyProxyServer.class.getName(),
                Integer.toString(port),
                upstream.toString());
        Path directory = ServerProcess.newDirectory("jetty-proxy");
        ServerProcess process = ServerProcess.start("Jetty's proxy", command, Map.of(), directory);
        return Peer.listening(
                "AsyncProxyServlet with a flush, " + home.getFileName() + ", " + Peers.JVM_HEAP, port, process);
    }

    private static String classPath(Path home) throws IOException {
        try (Stream<Path> files = Files.walk(home.resolve("lib"), 2)) {
            String libraries = files.filter(file ->
                            LIBRARIES.matcher(file.getFileName().toString()).matches())
                    .map(Path::toString)
                    .sorted()
                    .collect(Collectors.joining(File.pathSeparator));
            return ownClasses() + File.pathSeparator + libraries;
        }
    }

    private static Path ownClasses() {
        try {
            return Path.of(JettyProxyServer.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
