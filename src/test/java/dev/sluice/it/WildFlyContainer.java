package dev.sluice.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** WildFly with its default standalone configuration. */
final class WildFlyContainer extends ForeignContainer {
    private static final String UNDEPLOYED = "WFLYSRV0009";

    /** The options of bin/standalone.sh. */
    private static final List<String> OPENED = List.of(
            "java.base/java.lang",
            "java.base/java.lang.invoke",
            "java.base/java.lang.reflect",
            "java.base/java.io",
            "java.base/java.net",
            "java.base/java.security",
            "java.base/java.util",
            "java.base/java.util.concurrent",
            "java.management/javax.management",
            "java.naming/javax.naming");

    private final Path deployments;

    private WildFlyContainer(ServerProcess process, int port, Path deployments) {
        super(process, port);
        this.deployments = deployments;
    }

    static WildFlyContainer launch(Launch launch) throws IOException {
        Path home = home("wildfly");
        Path directory = ServerProcess.newDirectory("wildfly");
        Path standalone = directory.resolve("standalone");
        copy(home.resolve("standalone"), standalone);
        // Scans for changes more often than every five seconds.
        edit(standalone.resolve("configuration/standalone.xml"), "scan-interval=\"5000\"", "scan-interval=\"500\"");
        Path deployments = standalone.resolve("deployments");
        Files.copy(war(), deployments.resolve("ROOT.war"));
        int port = ServerProcess.freePort();
        List<String> command = new ArrayList<>();
        command.add(ServerProcess.java());
        command.addAll(launch.arguments());
        OPENED.forEach(opened -> command.add("--add-opens=" + opened + "=ALL-UNNAMED"));
        command.add("-Djboss.home.dir=" + home);
        command.add("-Djboss.server.base.dir=" + standalone);
        command.add("-Dlogging.configuration="
                + standalone.resolve("configuration/logging.properties").toUri());
        command.add("-Djboss.bind.address=127.0.0.1");
        command.add("-Djboss.bind.address.management=127.0.0.1");
        command.add("-Djboss.http.port=" + port);
        for (String other : List.of("https", "management.http", "management.https")) {
            command.add("-Djboss." + other + ".port=" + ServerProcess.freePort());
        }
        command.add("-jar");
        command.add(home.resolve("jboss-modules.jar").toString());
        command.add("-mp");
        command.add(home.resolve("modules").toString());
        command.add("org.jboss.as.standalone");
        ServerProcess process = ServerProcess.start("WildFly", command, launch.environment(), directory);
        return new WildFlyContainer(process, port, deployments);
    }

    @Override
    public void undeploy() {
        long before = logged(UNDEPLOYED);
        try {
            Files.delete(deployments.resolve("ROOT.war.deployed"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        awaitLog(UNDEPLOYED, before);
    }

    @Override
    public void deploy() {
        write(deployments.resolve("ROOT.war.dodeploy"), "");
        awaitReady();
    }
}
