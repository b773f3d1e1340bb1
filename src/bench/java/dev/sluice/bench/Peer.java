package dev.sluice.bench;

import dev.sluice.it.Container;
import dev.sluice.it.Jmx;
import dev.sluice.it.Launch;
import dev.sluice.it.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * What stands between the client and the upstream.
 *
 * @param title its name and version
 * @param base where it answers, without a path
 * @param process the process that is measured, with all that it starts
 * @param jmx a look into it, if it is a JVM
 * @param end ends it
 */
record Peer(String title, URI base, Optional<ServerProcess> process, Optional<Jmx> jmx, Runnable end)
        implements AutoCloseable {
    /** Sluice as it ships. */
    static Peer sluice(Options options, URI upstream) throws IOException {
        Launch launch = Launch.at(upstream)
                .with("sluice.chat.model", Completion.MODEL)
                .option("-Xmx" + options.heap())
                .option("-XX:TieredStopAtLevel=4"); // as it is in production; tests do without the best compiler
        for (String option : options.jvm()) {
            launch = launch.option(option);
        }
        Container container = Container.Kind.valueOf(options.container().toUpperCase(Locale.ROOT))
                .start(launch);
        return new Peer(
                "Sluice in " + distribution(options.container()),
                container.base(),
                Optional.of(container.process()),
                Optional.of(container.jmx()),
                container::close);
    }

    /** The upstream itself: what the two ends can do without anything between them. */
    static Peer none(URI upstream) {
        return new Peer("no gateway", upstream.resolve("/"), Optional.empty(), Optional.empty(), () -> {});
    }

    @Override
    public void close() {
        end.run();
    }

    private static String distribution(String container) {
        return Path.of(ServerProcess.property("test." + container + ".home"))
                .getFileName()
                .toString();
    }
}
