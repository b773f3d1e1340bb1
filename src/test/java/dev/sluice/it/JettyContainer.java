package dev.sluice.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The Jetty distribution serving {@code jetty-base} in place, as {@code mvn -Prun} does. */
final class JettyContainer implements Container {
    /** The text that Jetty logs when it has stopped an application. */
    private static final String STOPPED = "Stopped oeje10w.WebAppContext";

    private final ServerProcess process;
    private final URI base;
    private final Path webapps;
    private int deployments = 1; // confined to the test's thread

    /** Attached at the first use, because a JVM cannot be attached to at once after its start. Guarded by this. */
    private @Nullable Jmx jmx;

    JettyContainer(ServerProcess process, URI base, Path webapps) {
        this.process = process;
        this.base = base;
        this.webapps = webapps;
    }

    static JettyContainer launch(Launch launch) throws IOException {
        return launch(launch, Path.of(ServerProcess.property("test.jetty.base")));
    }

    /** With another base than {@code jetty-base}. */
    static JettyContainer launch(Launch launch, Path jettyBase) throws IOException {
        Path directory = ServerProcess.newDirectory("jetty");
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        Path webapps = directory.resolve("webapps");
        int port = ServerProcess.freePort();
        List<String> command = new ArrayList<>();
        command.add(ServerProcess.java());
        command.add("@" + jettyBase.resolve("jvm.args"));
        // Before -jar: behind it, Jetty would start a second JVM for them.
        command.add("-Djetty.sluice.war=" + ServerProcess.property("test.war"));
        command.add("-Djava.io.tmpdir=" + temporary);
        command.addAll(launch.arguments()); // which may name another WAR
        command.add("-jar");
        command.add(ServerProcess.property("test.jetty.home") + "/start.jar");
        command.add("jetty.base=" + jettyBase);
        command.add("jetty.http.port=" + port);
        if (launch.poolThreads() > 0) {
            command.add("jetty.threadPool.maxThreads=" + launch.poolThreads());
        }
        if (launch.redeployable()) {
            // By Jetty's scanner, because its jmx module would keep the application's classes from being unloaded.
            copyWebapps(webapps);
            command.add("jetty.deploy.webappsDir=" + webapps);
            command.add("jetty.deploy.scanInterval=1");
        }
        ServerProcess process = ServerProcess.start("Jetty", command, launch.environment(), directory);
        return new JettyContainer(process, URI.create("http://127.0.0.1:" + port), webapps);
    }

    @Override
    public ServerProcess process() {
        return process;
    }

    @Override
    public URI base() {
        return base;
    }

    @Override
    public synchronized Jmx jmx() {
        Jmx known = jmx;
        if (known == null) {
            known = Jmx.attach(process.pid());
            jmx = known;
        }
        return known;
    }

    @Override
    public void undeploy() {
        try (Stream<Path> files = Files.list(webapps)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        Eventually.until(
                "the application has stopped",
                STOP,
                () -> process.log()
                        .lines()
                        .filter(line -> line.contains(STOPPED))
                        .count(),
                count -> count == deployments);
    }

    @Override
    public void deploy() {
        copyWebapps(webapps);
        awaitReady();
        deployments++;
    }

    @Override
    public String toString() {
        return "Jetty";
    }

    private static void copyWebapps(Path target) {
        Path source = Path.of(ServerProcess.property("test.jetty.base"), "webapps");
        try (Stream<Path> files = Files.list(source)) {
            Files.createDirectories(target);
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(source.relativize(file).toString()));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
