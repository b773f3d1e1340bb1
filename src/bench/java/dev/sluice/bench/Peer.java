package dev.sluice.bench;

import dev.sluice.it.Container;
import dev.sluice.it.Eventually;
import dev.sluice.it.Jmx;
import dev.sluice.it.Launch;
import dev.sluice.it.ServerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What stands between the client and the upstream.
 *
 * @param title its name and version
 * @param base where it answers, without a path
 * @param process the process that is measured, with all that it starts
 * @param observer looks into it, if it is a JVM that can be looked into; the first look costs it time
 * @param end ends it
 */
record Peer(String title, URI base, Optional<ServerProcess> process, Optional<Supplier<Jmx>> observer, Runnable end)
        implements AutoCloseable {
    /** Sluice as it ships, in this container. */
    static Peer sluice(String name, Options options, URI upstream) throws IOException {
        return sluice(
                "Sluice in " + distribution(name),
                Container.Kind.valueOf(name.toUpperCase(Locale.ROOT)).start(launch(options, upstream)));
    }

    /** Sluice in a container that answers already. */
    static Peer sluice(String title, Container container) {
        return new Peer(
                title,
                container.base(),
                Optional.of(container.process()),
                Optional.of(container::jmx),
                container::close);
    }

    /** How Sluice is started in front of this upstream. */
    static Launch launch(Options options, URI upstream) {
        Launch launch = Launch.at(upstream)
                .with("sluice.chat.model", Completion.MODEL)
                .option("-Xmx" + options.heap())
                .option("-XX:TieredStopAtLevel=4"); // as it is in production; tests do without the best compiler
        for (String option : options.jvm()) {
            launch = launch.option(option);
        }
        return launch;
    }

    /** The upstream itself: what the two ends can do without anything between them. */
    static Peer none(URI upstream) {
        return new Peer("no gateway", upstream.resolve("/"), Optional.empty(), Optional.empty(), () -> {});
    }

    /**
     * A process that has been started to pass on what comes to this port; returns when it listens there.
     *
     * @throws AssertionError with what it has printed, if it does not in time
     */
    static Peer listening(String title, int port, ServerProcess process) {
        try {
            Eventually.until(title + " listens", Container.START, () -> {
                if (!process.isAlive()) {
                    throw new AssertionError(title + " did not come up\n" + process.tail());
                }
                return accepts(port);
            });
        } catch (AssertionError failure) {
            process.kill();
            throw failure;
        }
        return new Peer(title, URI.create("http://127.0.0.1:" + port), Optional.of(process), Optional.empty(), () -> {
            // Those with a master process end their workers only then.
            process.terminate();
            process.awaitExit(Container.STOP);
        });
    }

    /** A look into its JVM. */
    Optional<Jmx> jmx() {
        return observer.map(Supplier::get);
    }

    @Override
    public void close() {
        end.run();
    }

    private static boolean accepts(int port) {
        try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private static String distribution(String container) {
        return Path.of(ServerProcess.property("test." + container + ".home"))
                .getFileName()
                .toString();
    }
}
