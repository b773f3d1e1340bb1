package dev.sluice.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Open Liberty with its servlet feature only. */
final class LibertyContainer extends ForeignContainer {
    private static final String STOPPED = "CWWKZ0009I";

    private final Path configuration;
    private final String deployed;

    private LibertyContainer(ServerProcess process, int port, Path configuration) throws IOException {
        super(process, port);
        this.configuration = configuration;
        this.deployed = Files.readString(configuration);
    }

    static LibertyContainer launch(Launch launch) throws IOException {
        Path home = home("liberty");
        Path directory = ServerProcess.newDirectory("liberty");
        Path server = Files.createDirectories(directory.resolve("usr/servers/sluice"));
        Path configuration = server.resolve("server.xml");
        int port = ServerProcess.freePort();
        Files.writeString(configuration, """
                <server>
                  <featureManager><feature>servlet-6.0</feature></featureManager>
                  <httpEndpoint id="defaultHttpEndpoint" host="127.0.0.1" httpPort="%d" httpsPort="-1"/>
                  <webApplication location="%s" contextRoot="/"/>
                </server>
                """.formatted(port, war()));
        List<String> command = new ArrayList<>();
        command.add(ServerProcess.java());
        command.addAll(launch.arguments());
        command.add("-javaagent:" + home.resolve("bin/tools/ws-javaagent.jar"));
        command.add("-jar");
        command.add(home.resolve("bin/tools/ws-server.jar").toString());
        command.add("sluice");
        Map<String, String> environment = new HashMap<>(launch.environment());
        environment.put("WLP_USER_DIR", directory.resolve("usr").toString());
        ServerProcess process = ServerProcess.start("Open Liberty", command, environment, directory);
        return new LibertyContainer(process, port, configuration);
    }

    @Override
    public void undeploy() {
        long before = logged(STOPPED);
        write(configuration, deployed.replaceAll("<webApplication .*/>", ""));
        awaitLog(STOPPED, before);
    }

    @Override
    public void deploy() {
        write(configuration, deployed);
        awaitReady();
    }
}
