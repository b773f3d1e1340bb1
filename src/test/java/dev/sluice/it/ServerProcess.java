package dev.sluice.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A server in a process of its own; what it prints is kept in a file. For any thread. */
public final class ServerProcess {
    private static final Set<ServerProcess> RUNNING = ConcurrentHashMap.newKeySet();
    /** The last few started, rather those that run: for the report of a failed test. */
    private static final Deque<ServerProcess> LATEST = new ConcurrentLinkedDeque<>();

    private static final int LATEST_KEPT = 2;
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final int TAIL_LINES = 60;

    static {
        // A test run that is interrupted leaves no server behind.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(ServerProcess::kill)));
    }

    private final String name;
    private final Process process;
    private final Path log;

    private ServerProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /** A directory of its own for each start, below {@code test.work}. */
    public static Path newDirectory(String name) throws IOException {
        Path work = Path.of(property("test.work"));
        return Files.createDirectories(
                work.resolve(name + "-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet()));
    }

    public static ServerProcess start(
            String name, List<String> command, Map<String, String> environment, Path directory) throws IOException {
        Path log = directory.resolve("console.log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        // The machine's own settings would leak into the tests.
        builder.environment().keySet().removeIf(key -> key.startsWith("SLUICE_") || key.equals("XAI_API_KEY"));
        builder.environment().putAll(environment);
        ServerProcess server = new ServerProcess(name, builder.start(), log);
        RUNNING.add(server);
        LATEST.addLast(server);
        if (LATEST.size() > LATEST_KEPT && !LATEST.removeIf(older -> older != server && !older.isAlive())) {
            LATEST.pollFirst();
        }
        return server;
    }

    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    public static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException("Run by mvn verify, or with -D" + name + "=…");
        }
        return value;
    }

    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** What the latest servers have printed last, for the report of a failed test. */
    public static String tails() {
        StringBuilder all = new StringBuilder();
        LATEST.forEach(server -> all.append(server.tail()));
        return all.toString();
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** All that it has printed so far. */
    public String log() {
        try {
            return Files.readString(log, StandardCharsets.UTF_8);
        } catch (IOException failure) {
            return "Cannot read " + log + ": " + failure;
        }
    }

    public String tail() {
        List<String> lines = log().lines().toList();
        return "--- " + name + ", pid " + pid() + ", " + (isAlive() ? "running" : "ended") + ", " + log + "\n"
                + String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size())) + "\n";
    }

    /** SIGTERM; does not wait. */
    public void terminate() {
        process.destroy();
    }

    /** Waits for the end; if there is none, it is killed, and the test fails. */
    public int awaitExit(Duration longest) {
        try {
            if (!process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS)) {
                String tail = tail();
                kill();
                throw new AssertionError(name + " did not end within " + longest + "\n" + tail);
            }
        } catch (InterruptedException interrupted) {
            kill();
            throw new AssertionError(interrupted);
        }
        RUNNING.remove(this);
        return process.exitValue();
    }

    /** SIGKILL. */
    public void kill() {
        // Workers would outlive the master of a proxy.
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        RUNNING.remove(this);
    }
}
