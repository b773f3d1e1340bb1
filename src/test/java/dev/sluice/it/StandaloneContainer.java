package dev.sluice.it;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code java -jar sluice.war}, on a port that the test chooses. */
final class StandaloneContainer implements Container {
    private final ServerProcess process;
    private final URI base;

    /** Attached at the first use, because a JVM cannot be attached to at once after its start. Guarded by this. */
    private @Nullable Jmx jmx;

    private StandaloneContainer(ServerProcess process, URI base) {
        this.process = process;
        this.base = base;
    }

    static StandaloneContainer launch(Launch launch) throws IOException {
        Path directory = ServerProcess.newDirectory("standalone");
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        int port = ServerProcess.freePort();
        List<String> command = new ArrayList<>(List.of(ServerProcess.java(), "-Djava.io.tmpdir=" + temporary));
        command.addAll(launch.arguments());
        command.addAll(List.of("-jar", ServerProcess.property("test.war"), "--port=" + port));
        ServerProcess process = ServerProcess.start("sluice.war", command, launch.environment(), directory);
        return new StandaloneContainer(process, URI.create("http://127.0.0.1:" + port));
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
        throw new UnsupportedOperationException("It ends with its application");
    }

    @Override
    public void deploy() {
        throw new UnsupportedOperationException("It has its application from the start");
    }

    @Override
    public String toString() {
        return "java -jar sluice.war";
    }
}
