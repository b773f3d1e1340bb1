package dev.sluice.bench;

import dev.sluice.it.Program;
import dev.sluice.it.ServerProcess;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A typical application of Spring Cloud Gateway on WebFlux and Netty. It is a Maven project of its own, which is built only
 * if it is measured, so that no other build needs its libraries. Any thread may call it.
 */
final class SpringCloudGateway {
    private static final Duration BUILD = Duration.ofMinutes(10);
    private static final Pattern VERSION = Pattern.compile("spring-cloud-gateway-server-webflux-([0-9.]+)\\.jar");

    /** The JAR, once it is built. */
    private static final AtomicReference<@Nullable String> CLASS_PATH = new AtomicReference<>();

    private SpringCloudGateway() {}

    /** Builds the project. */
    static synchronized Optional<String> missing() {
        if (CLASS_PATH.get() != null) {
            return Optional.empty();
        }
        try {
            CLASS_PATH.set(build());
            return Optional.empty();
        } catch (IOException | AssertionError failure) {
            return Optional.of("it cannot be built; is Maven Central in reach? " + failure);
        }
    }

    static Peer start(URI upstream) throws IOException {
        String classPath = CLASS_PATH.get();
        if (classPath == null) {
            throw new IllegalStateException("Not built yet");
        }
        int port = ServerProcess.freePort();
        List<String> command = List.of(
                ServerProcess.java(),
                Peers.JVM_HEAP,
                "-cp",
                classPath,
                "gateway.Application",
                "--server.port=" + port,
                "--upstream=" + upstream.resolve("/"));
        Path directory = ServerProcess.newDirectory("spring-cloud-gateway");
        ServerProcess process = ServerProcess.start("Spring Cloud Gateway", command, Map.of(), directory);
        Matcher version = VERSION.matcher(classPath);
        return Peer.listening(
                "Spring Cloud Gateway " + (version.find() ? version.group(1) : "of no known version") + ", "
                        + Peers.JVM_HEAP,
                port,
                process);
    }

    private static String build() throws IOException {
        Path sources = Path.of(ServerProcess.property("test.bench.sources"), "spring-cloud-gateway");
        Path target = ServerProcess.newDirectory("spring-cloud-gateway-build");
        List<String> command = List.of(
                ServerProcess.property("test.maven"),
                "-q",
                "-B",
                "-f",
                sources.resolve("pom.xml").toString(),
                "-Dtarget=" + target,
                "compile");
        try (Program maven = Program.start(command, target, Map.of("JAVA_HOME", System.getProperty("java.home")))) {
            maven.finish(BUILD);
        }
        return target.resolve("classes")
                + File.pathSeparator
                + Files.readString(target.resolve("classpath")).strip();
    }
}
