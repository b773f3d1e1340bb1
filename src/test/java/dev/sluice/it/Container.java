package dev.sluice.it;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A real servlet container with the built WAR at its root, in a process of its own, on a loopback port. */
public interface Container extends AutoCloseable {
    /** A long time, because a loaded machine starts slowly. */
    Duration START = Duration.ofSeconds(90);

    /** Longer than the drain and the time that containers add to it. */
    Duration STOP = Duration.ofSeconds(45);

    /** The containers that every test runs in; {@link Product} has more. */
    enum Kind {
        JETTY(
                "qtp.*|Scanner-.*|main|Scheduler-.*|Session-HouseKeeper.*|Reference Handler|Finalizer|DestroyJavaVM"
                        + "|JettyShutdown.*",
                "org.eclipse.jetty.ee.webapp.WebAppClassLoader"),
        TOMCAT(
                "http-nio-.*|Catalina-utility-.*|main|container-.*|Reference Handler|Finalizer|DestroyJavaVM",
                "org.apache.catalina.loader.ParallelWebappClassLoader");

        private final String ownThreads;
        private final String classLoader;

        Kind(String ownThreads, String classLoader) {
            this.ownThreads = ownThreads;
            this.classLoader = classLoader;
        }

        /** The names of the container's own threads, as a regular expression. */
        String ownThreads() {
            return ownThreads;
        }

        /** The class of its class loaders for applications. */
        String classLoader() {
            return classLoader;
        }

        /** Starts the container, and returns when the application is ready. */
        public Container start(Launch launch) throws IOException {
            Container container =
                    switch (this) {
                        case JETTY -> JettyContainer.launch(launch);
                        case TOMCAT -> TomcatContainer.launch("tomcat", launch);
                    };
            container.awaitReady();
            return container;
        }
    }

    ServerProcess process();

    /** The URL of the container, without a path. */
    URI base();

    Jmx jmx();

    /** Stops the application, but not the container; returns when it has stopped. The launch must permit it. */
    void undeploy();

    /** Starts the application again after {@link #undeploy()}; returns when it is ready. */
    void deploy();

    /** Sends SIGTERM and waits for the end of the process. */
    default int stop() {
        process().terminate();
        return process().awaitExit(STOP);
    }

    @Override
    default void close() {
        if (process().isAlive()) {
            stop();
        }
    }

    /** The numbers of {@code /metrics}, by name and labels as they are written there. */
    default Map<String, Double> metrics() {
        return Metrics.read(get("/metrics", 10_000));
    }

    /** One metric, or the sum over all its labels. If it is absent, the test fails. */
    default double number(String name) {
        Map<String, Double> all = metrics();
        return all.keySet().stream()
                .filter(key -> key.equals(name) || key.startsWith(name + "{"))
                .mapToDouble(all::get)
                .reduce(Double::sum)
                .orElseThrow(() -> new AssertionError("No " + name + " among " + all.keySet()));
    }

    /** Waits until no stream holds anything: no open stream, no permit, no byte of a body, no timer and no exchange. */
    default void awaitIdle() {
        Eventually.until(
                "nothing of any stream is left",
                RawClient.PATIENCE,
                () -> Metrics.HELD.stream()
                        .filter(name -> number(name) != 0)
                        .map(name -> name + " " + number(name))
                        .toList(),
                List::isEmpty);
    }

    default void awaitReady() {
        long deadline = System.nanoTime() + START.toNanos();
        Eventually.until("the application is ready", START, () -> {
            if (!process().isAlive() || System.nanoTime() > deadline) {
                process().kill();
                throw new AssertionError(
                        "The server did not come up\n" + process().tail());
            }
            return isReady();
        });
    }

    /** Whether the body of the health page says that it is ready. An open port is not enough. */
    default boolean isReady() {
        try {
            return get("/health/ready", 1_000).contains("\"UP\"");
        } catch (AssertionError notYet) {
            return false;
        }
    }

    /** The live threads of the server, without those of the JMX connection. */
    default List<String> threads() {
        return jmx().threads();
    }

    private String get(String path, int readMillis) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) base().resolve(path).toURL().openConnection();
            connection.setConnectTimeout(2_000);
            connection.setReadTimeout(readMillis);
            // A persistent connection would make the stopping container wait for it.
            connection.setRequestProperty("Connection", "close");
            try (var body = connection.getInputStream()) {
                return new String(body.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException failure) {
            throw new AssertionError("GET " + path + " failed: " + failure, failure);
        }
    }
}
