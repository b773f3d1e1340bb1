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
 * The server that a client connects to: a gateway in front of the upstream, or the upstream itself.
 *
 * @param title its name and version
 * @param base its URL without a path
 * @param process the process that is measured with its children; empty for the upstream itself
 * @param observer the JMX connection to its JVM, if there is one; the first use costs the JVM some time
 * @param end stops it
 */
record Peer(String title, URI base, Optional<ServerProcess> process, Optional<Supplier<Jmx>> observer, Runnable end)
        implements AutoCloseable {
    /** Sluice as it is delivered, in this container. */
    static Peer sluice(String name, BenchOptions options, URI upstream) throws IOException {
        return sluice(
                "Sluice in " + distribution(name),
                Container.Kind.valueOf(name.toUpperCase(Locale.ROOT)).start(launch(options, upstream)));
    }

    /** Sluice in Jetty, with a plan for all callers that has limits of each kind. Nothing that is measured reaches them. */
    static Peer sluiceWithPlan(BenchOptions options, URI upstream) throws IOException {
        Launch launch = launch(options, upstream)
                .with("sluice.plans.default.streams", "1000000")
                .with("sluice.plans.default.requests", "100000000/m, 1000000000/d")
                .with("sluice.plans.default.tokens", "100000000000/m, 1000000000000/d");
        return sluice("Sluice in " + distribution("jetty") + " with a plan", Container.Kind.JETTY.start(launch));
    }

    /** Sluice in a container that has started. */
    static Peer sluice(String title, Container container) {
        return new Peer(
                title,
                container.base(),
                Optional.of(container.process()),
                Optional.of(container::jmx),
                container::close);
    }

    /** The start of Sluice in front of this upstream. */
    static Launch launch(BenchOptions options, URI upstream) {
        Launch launch = Launch.at(upstream)
                .with("sluice.chat.model", Completion.MODEL)
                .option("-Xmx" + options.heap())
                .option("-XX:TieredStopAtLevel=4"); // as in production; the tests switch the C2 compiler off
        for (String option : options.jvm()) {
            launch = launch.option(option);
        }
        return launch;
    }

    /** The upstream itself, to measure both ends without a gateway. */
    static Peer none(URI upstream) {
        return new Peer("no gateway", upstream.resolve("/"), Optional.empty(), Optional.empty(), () -> {});
    }

    /**
     * A gateway process that has been started. Returns when it listens at this port.
     *
     * @throws AssertionError with its output, if it does not listen in time
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
            // A gateway with a master process then ends its workers too.
            process.terminate();
            process.awaitExit(Container.STOP);
        });
    }

    /** The JMX connection to its JVM. */
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
