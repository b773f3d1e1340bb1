package dev.sluice.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Payara Micro, which serves one application until it ends. */
final class PayaraContainer extends ForeignContainer {
    /** The options with which its launcher would start a JVM. */
    private static final List<String> OPENED = List.of(
            "java.base/jdk.internal.loader",
            "java.base/java.lang",
            "java.base/java.net",
            "java.base/java.nio",
            "java.base/sun.nio.ch",
            "java.base/sun.net.www.protocol.jrt",
            "java.base/sun.net.www.protocol.jar",
            "java.management/sun.management",
            "java.naming/javax.naming.spi");

    private PayaraContainer(ServerProcess process, int port) {
        super(process, port);
    }

    static PayaraContainer launch(Launch launch) throws IOException {
        Path directory = ServerProcess.newDirectory("payara");
        Path commands = directory.resolve("before.txt");
        String network = "set configs.config.server-config.network-config.";
        Files.writeString(
                commands,
                network + "network-listeners.network-listener.http-listener.address=127.0.0.1\n" + network
                        + "transports.transport.tcp.socket-write-buffer-size=65536\n");
        int port = ServerProcess.freePort();
        List<String> command = new ArrayList<>();
        command.add(ServerProcess.java());
        command.addAll(launch.arguments());
        OPENED.forEach(opened -> command.add("--add-opens=" + opened + "=ALL-UNNAMED"));
        command.add("--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED");
        command.add("-jar");
        command.add(home("payara").toString());
        command.addAll(List.of("--nohazelcast", "--disablephonehome"));
        command.addAll(List.of("--rootdir", directory.resolve("root").toString()));
        command.addAll(List.of("--prebootcommandfile", commands.toString()));
        command.addAll(List.of("--port", Integer.toString(port)));
        command.addAll(List.of("--deploy", war().toString(), "--contextroot", "/"));
        return new PayaraContainer(ServerProcess.start("Payara Micro", command, launch.environment(), directory), port);
    }

    @Override
    public void undeploy() {
        throw new UnsupportedOperationException("Payara Micro undeploys nothing while it runs");
    }

    @Override
    public void deploy() {
        throw new UnsupportedOperationException("Payara Micro undeploys nothing while it runs");
    }
}
