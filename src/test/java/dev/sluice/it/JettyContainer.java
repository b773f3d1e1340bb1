package dev.sluice.it;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The Jetty distribution serving {@code jetty-base} in place, as {@code mvn -Prun} does. */
final class JettyContainer implements Container {
    private static final Object[] NOTHING = {};
    private static final String CONTEXT = "org.eclipse.jetty.ee10.webapp:type=webappcontext,*";

    private final ServerProcess process;
    private final URI base;
    /** Attached when first asked for: a JVM that has just begun cannot answer yet. Guarded by this. */
    private @Nullable Jmx jmx;

    private JettyContainer(ServerProcess process, URI base) {
        this.process = process;
        this.base = base;
    }

    static JettyContainer launch(Launch launch) throws IOException {
        Path directory = ServerProcess.newDirectory("jetty");
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        int port = ServerProcess.freePort();
        List<String> command = new ArrayList<>();
        command.add(ServerProcess.java());
        command.addAll(launch.arguments());
        // In front of -jar: behind it, Jetty would call them options that ask for a second JVM.
        command.add("-Djetty.sluice.war=" + ServerProcess.property("test.war"));
        command.add("-Djava.io.tmpdir=" + temporary);
        command.add("-jar");
        command.add(ServerProcess.property("test.jetty.home") + "/start.jar");
        command.add("jetty.base=" + ServerProcess.property("test.jetty.base"));
        command.add("jetty.http.port=" + port);
        if (launch.poolThreads() > 0) {
            command.add("jetty.threadPool.maxThreads=" + launch.poolThreads());
        }
        // Only to undeploy and deploy by remote control.
        command.add("--module=jmx");
        ServerProcess process = ServerProcess.start("Jetty", command, launch.environment(), directory);
        return new JettyContainer(process, URI.create("http://127.0.0.1:" + port));
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
        jmx().invoke(jmx().find(CONTEXT), "stop", NOTHING);
    }

    @Override
    public void deploy() {
        jmx().invoke(jmx().find(CONTEXT), "start", NOTHING);
        awaitReady();
    }

    @Override
    public String ownThreads() {
        return "qtp.*|main|Scheduler-.*|Session-HouseKeeper.*|Reference Handler|Finalizer|DestroyJavaVM|JettyShutdown.*";
    }

    @Override
    public int applicationClassLoaders() {
        return jmx().instances("org.eclipse.jetty.ee.webapp.WebAppClassLoader");
    }

    @Override
    public String toString() {
        return "Jetty";
    }
}
