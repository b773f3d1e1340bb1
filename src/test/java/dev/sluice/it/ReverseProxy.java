package dev.sluice.it;

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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A reverse proxy that is installed on the machine. It runs in the foreground with a configuration of the tests, on loopback
 * ports and in a directory of its own.
 */
public final class ReverseProxy implements AutoCloseable {
    /** The programs, by their names in Debian. */
    public enum Kind {
        NGINX("nginx", "nginx", "-v") {
            @Override
            List<String> arguments(Path directory, Path file) {
                return List.of("-p", directory + "/", "-c", file.toString());
            }
        },
        HAPROXY("HAProxy", "haproxy", "-v") {
            @Override
            List<String> arguments(Path directory, Path file) {
                return List.of("-db", "-f", file.toString());
            }
        },
        HTTPD("Apache httpd", "apache2", "-v") {
            @Override
            List<String> arguments(Path directory, Path file) {
                return List.of("-d", directory.toString(), "-f", file.toString(), "-DFOREGROUND");
            }
        },
        VARNISH("Varnish", "varnishd", "-V") {
            @Override
            List<String> arguments(Path directory, Path file) {
                return List.of("-F", "-j", "none", "-n", directory.toString(), "-f", file.toString());
            }
        },
        CADDY("Caddy", "caddy", "version") {
            @Override
            List<String> arguments(Path directory, Path file) {
                return List.of("run", "--adapter", "caddyfile", "--config", file.toString());
            }
        };

        private final String label;
        private final String program;
        private final String versionOption;

        Kind(String label, String program, String versionOption) {
            this.label = label;
            this.program = program;
            this.versionOption = versionOption;
        }

        abstract List<String> arguments(Path directory, Path file);

        /** Its name and version, as the program prints them. */
        String nameAndVersion() throws IOException {
            Process process = new ProcessBuilder(program, versionOption)
                    .redirectErrorStream(true)
                    .start();
            try (InputStream out = process.getInputStream()) {
                String told = new String(out.readAllBytes(), StandardCharsets.UTF_8);
                Matcher version = VERSION.matcher(told);
                return label + " " + (version.find() ? version.group() : "of no known version: " + told);
            }
        }
    }

    private static final Duration START = Duration.ofSeconds(30);
    private static final Pattern NAME = Pattern.compile("@([a-z0-9-]+)@");
    private static final Pattern VERSION = Pattern.compile("\\d+(\\.\\d+)+");

    private final Kind kind;
    private final ServerProcess process;
    private final Map<String, Integer> listeners;

    private ReverseProxy(Kind kind, ServerProcess process, Map<String, Integer> listeners) {
        this.kind = kind;
        this.process = process;
        this.listeners = listeners;
    }

    /**
     * Returns when it listens.
     *
     * @param resource the configuration on the class path, with {@code @name@} for each port
     * @param targets the ports that are taken, by their names in the configuration
     * @param options more of the command line, with ports in the same way
     */
    public static ReverseProxy start(Kind kind, String resource, Map<String, Integer> targets, String... options)
            throws IOException {
        String template = template(resource);
        Map<String, Integer> listeners = NAME.matcher(template + String.join(" ", options))
                .results()
                .map(found -> found.group(1))
                .filter(name -> !targets.containsKey(name))
                .distinct()
                .collect(Collectors.toMap(name -> name, name -> freePort()));
        Map<String, Integer> ports = new HashMap<>(targets);
        ports.putAll(listeners);
        Path directory = ServerProcess.newDirectory(kind.program);
        Path file = directory.resolve(resource.substring(resource.lastIndexOf('/') + 1));
        Files.writeString(file, filled(template, ports));
        List<String> command = new ArrayList<>();
        command.add(kind.program);
        command.addAll(kind.arguments(directory, file));
        Stream.of(options).map(option -> filled(option, ports)).forEach(command::add);
        ServerProcess process = ServerProcess.start(
                kind.program,
                command,
                // The directories in which Caddy keeps files.
                Map.of("XDG_DATA_HOME", directory.toString(), "XDG_CONFIG_HOME", directory.toString()),
                directory);
        ReverseProxy proxy = new ReverseProxy(kind, process, listeners);
        Eventually.until(kind.label + " listens", START, () -> proxy.listens());
        return proxy;
    }

    /** The address of the server whose port has this name in the configuration. */
    public URI at(String name) {
        return URI.create("http://127.0.0.1:" + Objects.requireNonNull(listeners.get(name), name));
    }

    /** Ends it with SIGTERM and then its descendants: a master process ends its workers only at SIGTERM. */
    @Override
    public void close() {
        process.terminate();
        process.awaitExit(START);
    }

    private boolean listens() {
        if (!process.isAlive()) {
            throw new AssertionError(kind.label + " did not come up\n" + process.tail());
        }
        for (int port : listeners.values()) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assert socket.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        }
        return true;
    }

    private static String filled(String text, Map<String, Integer> ports) {
        return NAME.matcher(text).replaceAll(found -> String.valueOf(ports.get(found.group(1))));
    }

    private static int freePort() {
        try {
            return ServerProcess.freePort();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String template(String resource) throws IOException {
        try (InputStream file = ReverseProxy.class.getResourceAsStream(resource)) {
            return new String(Objects.requireNonNull(file, resource).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
