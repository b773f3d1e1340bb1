package dev.sluice.it;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A {@code redis-server} of the machine, in a process of its own on a free loopback port. */
public final class RedisServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final int port;
    private final Path directory;
    private final List<String> options;
    private ServerProcess process;

    private RedisServer(int port, Path directory, List<String> options) throws IOException {
        this.port = port;
        this.directory = directory;
        this.options = options;
        this.process = launch();
    }

    /**
     * Starts it, and returns when it listens.
     *
     * @param options more of the command line
     */
    public static RedisServer start(String... options) throws IOException {
        return new RedisServer(ServerProcess.freePort(), ServerProcess.newDirectory("redis"), List.of(options));
    }

    public int port() {
        return port;
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    /** Keeps it from doing anything, with all connections open. */
    public void pause() {
        signal("STOP");
    }

    public void resume() {
        signal("CONT");
    }

    /** Ends it at once, with what it has not saved. */
    public void kill() {
        process.kill();
        process.awaitExit(PATIENCE);
    }

    /** Starts it again after {@link #kill}, at the same port, with the data that it has saved. */
    public void startAgain() throws IOException {
        process = launch();
    }

    /** Runs one command on a connection of its own, and returns the bytes of the answer, an error too. */
    public String command(String... words) {
        return command(List.of(List.of(words)));
    }

    /** The integers and strings of an answer, without its lengths. */
    public List<String> list(String... words) {
        List<String> all = new ArrayList<>();
        for (String line : command(words).split("\r\n", -1)) {
            if (!line.isEmpty() && line.charAt(0) != '$' && line.charAt(0) != '*') {
                all.add(line.charAt(0) == ':' ? line.substring(1) : line);
            }
        }
        return all;
    }

    @Override
    public void close() {
        process.kill();
    }

    private String command(List<List<String>> commands) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            StringBuilder all = new StringBuilder();
            for (List<String> words : commands) {
                all.append('*').append(words.size()).append("\r\n");
                for (String word : words) {
                    all.append('$')
                            .append(word.length())
                            .append("\r\n")
                            .append(word)
                            .append("\r\n");
                }
            }
            all.append("*1\r\n$4\r\nQUIT\r\n");
            socket.getOutputStream().write(all.toString().getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = new BufferedInputStream(socket.getInputStream());
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            in.transferTo(answer);
            return answer.toString(StandardCharsets.ISO_8859_1).replaceFirst("\\+OK\r\n$", "");
        } catch (IOException failure) {
            throw new AssertionError("Redis does not answer: " + failure, failure);
        }
    }

    private ServerProcess launch() throws IOException {
        List<String> command = new ArrayList<>(List.of("redis-server", "--port", String.valueOf(port)));
        command.addAll(List.of("--bind", "127.0.0.1", "--daemonize", "no", "--dir", directory.toString()));
        if (!options.contains("--save")) {
            command.addAll(List.of("--save", ""));
        }
        command.addAll(options);
        ServerProcess started = ServerProcess.start("redis-server", command, Map.of(), directory);
        Eventually.until("redis-server listens", PATIENCE, () -> {
            if (!started.isAlive()) {
                throw new AssertionError("redis-server did not come up\n" + started.tail());
            }
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        });
        return started;
    }

    private void signal(String name) {
        List<String> command = Arrays.asList("kill", "-" + name, String.valueOf(process.pid()));
        try {
            Process kill = new ProcessBuilder(command).inheritIO().start();
            if (!kill.waitFor(10, TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new AssertionError(command + " failed");
            }
        } catch (IOException failure) {
            throw new AssertionError(failure);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
