package dev.sluice.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** GlassFish with a domain of its own, configured by {@code asadmin}. */
final class GlassFishContainer extends ForeignContainer {
    private final int adminPort;

    private GlassFishContainer(ServerProcess process, int port, int adminPort) {
        super(process, port);
        this.adminPort = adminPort;
    }

    static GlassFishContainer launch(Launch launch) throws IOException {
        Path directory = ServerProcess.newDirectory("glassfish");
        Path domains = directory.resolve("domains");
        copy(home("glassfish").resolve("glassfish/domains"), domains);
        int port = ServerProcess.freePort();
        int adminPort = ServerProcess.freePort();
        edit(
                domains.resolve("domain1/config/domain.xml"),
                "port=\"8080\" protocol=\"http-listener-1\"",
                "address=\"127.0.0.1\" port=\"" + port + "\" protocol=\"http-listener-1\"",
                "port=\"8181\" protocol=\"http-listener-2\"",
                "enabled=\"false\" port=\"8181\" protocol=\"http-listener-2\"",
                "port=\"4848\" protocol=\"admin-listener\"",
                "address=\"127.0.0.1\" port=\"" + adminPort + "\" protocol=\"admin-listener\"",
                // No test needs them, and they would be open to everybody.
                "security-enabled=\"false\" address=\"0.0.0.0\" port=\"8686\"",
                "enabled=\"false\" security-enabled=\"false\" address=\"127.0.0.1\" port=\"8686\"",
                "<iiop-listener address=\"0.0.0.0\"",
                "<iiop-listener enabled=\"false\" address=\"127.0.0.1\"",
                "<iiop-listener security-enabled=\"true\" address=\"0.0.0.0\"",
                "<iiop-listener enabled=\"false\" security-enabled=\"true\" address=\"127.0.0.1\"",
                "<admin-service auth-realm-name=\"admin-realm\" type=\"das-and-server\"",
                "<jms-service type=\"DISABLED\" default-jms-host=\"default_JMS_host\"/>"
                        + "<admin-service auth-realm-name=\"admin-realm\" type=\"das-and-server\"",
                "<transport name=\"tcp\"></transport>",
                "<transport name=\"tcp\" socket-write-buffer-size=\"65536\"></transport>");
        List<String> command = startCommand(domains);
        command.addAll(1, launch.arguments());
        ServerProcess process = ServerProcess.start("GlassFish", command, launch.environment(), directory);
        GlassFishContainer container = new GlassFishContainer(process, port, adminPort);
        container.put();
        return container;
    }

    @Override
    public void undeploy() {
        admin("undeploy", "sluice");
    }

    @Override
    public void deploy() {
        put();
        awaitReady();
    }

    private void put() {
        Eventually.until("the administration answers", START, () -> {
            if (!process.isAlive()) {
                throw new AssertionError(process.tail());
            }
            return process.log().contains("NCLS-CORE-00017") || process.log().contains("startup time");
        });
        admin("deploy", "--name", "sluice", "--contextroot", "/", war().toString());
    }

    private void admin(String... arguments) {
        List<String> command = new ArrayList<>(asadmin());
        command.addAll(List.of("--host", "127.0.0.1", "--port", Integer.toString(adminPort)));
        command.addAll(List.of(arguments));
        run(command);
    }

    /** The command that asadmin would run, so that the process that the test ends is the server itself. */
    private static List<String> startCommand(Path domains) {
        List<String> command = new ArrayList<>(asadmin());
        command.addAll(List.of("start-domain", "--dry-run", "--domaindir", domains.toString(), "domain1"));
        return run(command)
                .lines()
                .dropWhile(line -> !line.endsWith("java"))
                .takeWhile(line -> !line.isBlank())
                .collect(ArrayList::new, ArrayList::add, ArrayList::addAll);
    }

    private static List<String> asadmin() {
        return List.of(
                ServerProcess.java(),
                "-jar",
                home("glassfish")
                        .resolve("glassfish/lib/client/appserver-cli.jar")
                        .toString());
    }

    private static String run(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(String.join(" ", command) + "\n" + said);
            }
            return said;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException failure) {
            throw new AssertionError(failure);
        }
    }
}
