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

/** A server in a process of its own. Its output goes to a file. Any thread may call all methods. */
public final class ServerProcess {
    private static final Set<ServerProcess> RUNNING = ConcurrentHashMap.newKeySet();
    /** The servers that were started last, preferably running ones, for the report of a failed test. */
    private static final Deque<ServerProcess> LATEST = new ConcurrentLinkedDeque<>();

    private static final int LATEST_KEPT = 2;
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final int TAIL_LINES = 60;

    static {
        // Ends the servers of a test run that is interrupted.
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

    /** A new directory for each start, below {@code test.work}. */
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
        // Environment variables of the machine would change the tests.
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

    /** The last output of the last servers, for the report of a failed test. */
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

    /** Its output so far. */
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

    /** Sends SIGTERM, and does not wait. */
    public void terminate() {
        process.destroy();
    }

    /** Waits for its end. If it does not end in time, it is killed, and the test fails. */
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

    /** Sends SIGKILL. */
    public void kill() {
        // The workers of a proxy would survive its master process.
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        RUNNING.remove(this);
    }
}
