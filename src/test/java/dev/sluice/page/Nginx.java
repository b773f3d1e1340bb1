package dev.sluice.page;

import dev.sluice.it.Eventually;
import dev.sluice.it.ServerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The machine's nginx with the configuration of these tests, on loopback ports and in a directory of its own. */
final class Nginx implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(20);
    private static final Pattern NAME = Pattern.compile("@([a-z0-9-]+)@");

    private final ServerProcess process;
    private final Map<String, Integer> ports;

    private Nginx(ServerProcess process, Map<String, Integer> ports) {
        this.process = process;
        this.ports = ports;
    }

    /** @param targets the ports that are taken, by their names in the configuration; all others are nginx's to open */
    static Nginx start(Map<String, Integer> targets) throws IOException {
        Map<String, Integer> ports = new HashMap<>(targets);
        Path directory = ServerProcess.newDirectory("nginx");
        Path file = directory.resolve("nginx.conf");
        Files.writeString(file, NAME.matcher(template()).replaceAll(found -> port(ports, found.group(1))));
        ServerProcess process = ServerProcess.start(
                "nginx", List.of("nginx", "-p", directory + "/", "-c", file.toString()), Map.of(), directory);
        Nginx nginx = new Nginx(process, ports);
        Eventually.until("nginx listens", START, () -> nginx.listens());
        return nginx;
    }

    /** The address of the server whose port has this name in the configuration. */
    URI at(String name) {
        return URI.create("http://127.0.0.1:" + Objects.requireNonNull(ports.get(name), name));
    }

    @Override
    public void close() {
        process.kill();
    }

    private boolean listens() {
        if (!process.isAlive()) {
            throw new AssertionError("nginx did not come up\n" + process.tail());
        }
        for (int port : ports.values()) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assert socket.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        }
        return true;
    }

    private static String port(Map<String, Integer> ports, String name) {
        return Matcher.quoteReplacement(String.valueOf(ports.computeIfAbsent(name, unused -> freePort())));
    }

    private static int freePort() {
        try {
            return ServerProcess.freePort();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String template() throws IOException {
        try (InputStream file = Nginx.class.getResourceAsStream("/page/doctor-nginx.conf")) {
            return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
