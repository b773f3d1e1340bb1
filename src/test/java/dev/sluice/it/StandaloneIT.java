package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code java -jar sluice.war}. */
@ExtendWith(LogsOnFailure.class)
final class StandaloneIT {
    private static final Pattern SERVES = Pattern.compile("(?m)^Sluice serves (http://\\S+)$");

    /** The exit status of a JVM after SIGTERM. */
    private static final int TERMINATED = 128 + 15;

    @Test
    void help_tellsTheOptions() throws Exception {
        Ended ended = run(Map.of(), "--help");
        assertThat(ended.status()).isZero();
        assertThat(ended.out()).contains("--port=", "--host=", "--context-path=", "--help", "sluice.config");
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void version_isThatOfTheBuild() throws Exception {
        Ended ended = run(Map.of(), "--version");
        assertThat(ended.status()).isZero();
        assertThat(ended.out()).matches("Sluice \\d+\\.\\d+\\..*\\R");
    }

    @Test
    void option_thatIsUnknown_isToldInOneLine() throws Exception {
        Ended ended = run(Map.of(), "--prot=8080");
        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.err()).hasLineCount(1).contains("--prot", "--port");
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void port_inUse_isToldInOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ended ended = run(Map.of("PORT", String.valueOf(taken.getLocalPort())));
            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.err().lines().filter(line -> line.startsWith("Sluice ")))
                    .singleElement()
                    .asString()
                    .contains("127.0.0.1:" + taken.getLocalPort(), "--port");
            assertThat(ended.err()).doesNotContain("\tat ");
            assertThat(ended.left()).as("left in the temporary directory").isEmpty();
        }
    }

    @Test
    void configuration_atFault_isToldAndNothingIsLeft() throws Exception {
        Ended ended = run(Map.of("SLUICE_HEARTBEAT", "soon"), "--port=0");
        assertThat(ended.status()).isEqualTo(1);
        String lastWords = ended.err().substring(ended.err().lastIndexOf("Sluice cannot start"));
        assertThat(lastWords).contains("SLUICE_HEARTBEAT", "soon");
        assertThat(lastWords).as("the words that it ends with").doesNotContain("\tat ");
        assertThat(ended.out()).doesNotContain("serves");
        assertThat(ended.left()).as("left in the temporary directory").isEmpty();
    }

    @Test
    void temporaryDirectory_thatCannotBeWritten_isToldWithItsSetting() throws Exception {
        Path noDirectory =
                Files.createFile(ServerProcess.newDirectory("standalone").resolve("file"));
        Ended ended = run(noDirectory, Map.of(), "--port=0");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err()).hasLineCount(1).contains(noDirectory.toString(), "-Djava.io.tmpdir=");
    }

    @Test
    void start_afterAProcessWasKilled_deletesWhatItLeftAndNothingOfOneThatRuns() throws Exception {
        Path directory = ServerProcess.newDirectory("standalone");
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        Path others = Files.createDirectories(temporary.resolve("sluice-of-somebody-else"));
        Map<String, String> environment = Map.of("PORT", "0");
        ServerProcess killed = ServerProcess.start("killed", command(temporary), environment, directory);
        try {
            awaitServing(killed);
        } finally {
            killed.kill();
            killed.awaitExit(Container.STOP);
        }
        List<String> left = entries(temporary);
        assertThat(left).as("what a killed process and somebody else have left").hasSize(2);

        Path again = ServerProcess.newDirectory("standalone");
        ServerProcess running = ServerProcess.start("running", command(temporary), environment, again);
        try {
            URI base = awaitServing(running);
            assertThat(entries(temporary)).hasSize(2).doesNotContainAnyElementsOf(without(left, others));
            Ended beside = run(temporary, Map.of("SLUICE_HEARTBEAT", "soon"), "--port=0");
            assertThat(beside.status()).isEqualTo(1);
            assertThat(beside.left())
                    .as("of the one that runs, and of somebody else")
                    .hasSize(2);
            try (RawClient page = RawClient.connect(base).get("/favicon.svg")) {
                assertThat(page.status()).isEqualTo(200);
            }
            assertThat(running.log()).containsPattern("Sluice \\d+\\.\\d+\\..* in jetty/12\\.1");
            running.terminate();
            assertThat(running.awaitExit(Container.STOP)).isEqualTo(TERMINATED);
        } finally {
            running.kill();
        }
        assertThat(entries(temporary)).containsExactly(others.toString());
    }

    @Test
    void tokens_belowAContextPath_comeOneByOne_andAStreamIsFinishedOnSigterm() throws Exception {
        Path directory = ServerProcess.newDirectory("standalone");
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        try (ScriptedUpstream upstream = ScriptedUpstream.start()) {
            List<String> command = command(temporary, "--context-path=/llm/chat");
            command.addAll(
                    1, Launch.at(upstream.url()).with("sluice.drain", "7s").arguments());
            ServerProcess process = ServerProcess.start("sluice.war", command, Map.of("PORT", "0"), directory);
            try {
                URI base = awaitServing(process);
                assertThat(base.getHost()).isEqualTo("127.0.0.1");
                assertThat(base.getPath()).isEqualTo("/llm/chat");
                try (RawClient client = chat(base)) {
                    Lockstep.dance(upstream.next(), client, Lockstep.Cut.MIDDLE, 20);
                    assertThat(client.head().first("Server"))
                            .as("the server's name")
                            .isEmpty();
                }
                try (Http2Client http2 = Http2Client.connect(base.resolve("/"))) {
                    Http2Stream stream = http2.post(base.getPath() + "/chat", "{\"prompt\":\"Hi\"}");
                    upstream.next().stream().token("over HTTP/2").finish();
                    assertThat(stream.rest().text()).isEqualTo("over HTTP/2");
                }
                try (RawClient page = RawClient.connect(base).get(base.getPath() + "/")) {
                    assertThat(page.status()).isEqualTo(200);
                    assertThat(page.body()).contains("<title>");
                }
                assertSlashesTooManyAreServed(base);
                assertJettysOwnAnswersAreOurs(base);
                assertStopDrains(upstream, base, process);
            } finally {
                process.kill();
            }
            assertThat(entries(temporary)).as("left in the temporary directory").isEmpty();
        }
    }

    /** The classes of the standalone server are in neither of the two places from which containers load classes. */
    @Test
    void war_showsContainersNothingOfIt() throws IOException {
        try (JarFile war = new JarFile(ServerProcess.property("test.war"))) {
            List<String> names = war.stream().map(ZipEntry::getName).toList();
            assertThat(war.getManifest().getMainAttributes().getValue("Main-Class"))
                    .isEqualTo("dev.sluice.standalone.Main");
            assertThat(names).contains("dev/sluice/standalone/Main.class");
            assertThat(names.stream().filter(name -> name.startsWith("WEB-INF/classes/")))
                    .isNotEmpty()
                    .noneMatch(name -> name.contains("standalone"));
            assertThat(names.stream().filter(name -> name.startsWith("META-INF/standalone/jetty-")))
                    .anyMatch(name -> name.contains("jetty-ee10-webapp"));
            assertThat(names.stream().filter(name -> name.startsWith("WEB-INF/lib/")))
                    .isNotEmpty()
                    .noneMatch(name -> name.matches(".*/(jetty-(ee|http2|security|session|xml)|jakarta\\.servlet).*"));
            assertThat(names.stream().filter(name -> name.endsWith(".jar")))
                    .allMatch(name -> name.matches("(WEB-INF/lib|META-INF/standalone)/[^/]+"));
        }
    }

    /** jetty-base tells Jetty by their names which JARs need not be scanned. Each that is scanned delays the start. */
    @Test
    void war_hasNoJarThatJettyWouldScan() throws IOException {
        String context = Files.readString(Path.of("jetty-base", "webapps", "sluice.xml"));
        Matcher pattern = Pattern.compile("WebInfIncludeJarPattern</Arg>\\s*<Arg>(.*)</Arg>")
                .matcher(context);
        assertThat(pattern.find()).as("a pattern in\n" + context).isTrue();
        Pattern scanned = Pattern.compile(pattern.group(1));
        try (JarFile war = new JarFile(ServerProcess.property("test.war"))) {
            assertThat(war.stream().map(ZipEntry::getName).filter(name -> name.matches("WEB-INF/lib/.+")))
                    .as("the JARs of the WAR that Jetty would scan")
                    .hasSizeGreaterThan(20)
                    .noneMatch(name -> scanned.matcher("/" + name).matches());
        }
    }

    private static void assertSlashesTooManyAreServed(URI base) throws IOException {
        try (RawClient models = RawClient.connect(base).get("//llm//chat//health//live")) {
            assertThat(models.status()).isEqualTo(200);
            assertThat(models.body()).contains("UP");
        }
    }

    /** Errors that Jetty reports before or without the application, whatever {@code Accept} says. */
    private static void assertJettysOwnAnswersAreOurs(URI base) throws IOException {
        Map<String, Integer> requests = Map.of(
                "GET /%zz HTTP/1.1\r\n",
                400,
                "GET /llm/%2e/chat HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n",
                400,
                "GET /llm/chat/ HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(40_000) + "\r\n",
                431,
                "GET /elsewhere HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n",
                404,
                "POST /llm/chat/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n",
                400);
        for (var each : requests.entrySet()) {
            try (RawClient client = RawClient.connect(base)) {
                client.send((each.getKey() + "Connection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
                assertThat(client.status()).as(each.getKey()).isEqualTo(each.getValue());
                assertThat(client.head().first("Content-Type").orElse("")).startsWith("application/json");
                assertThat(Json.read(client.body()).at("/error/code").asString())
                        .isEqualTo(each.getValue() == 404 ? "not_found" : "bad_request");
            }
        }
    }

    private static void assertStopDrains(ScriptedUpstream upstream, URI base, ServerProcess process)
            throws IOException {
        try (RawClient finishing = chat(base);
                RawClient endless = chat(base)) {
            Exchange first = upstream.next().stream();
            Exchange second = upstream.next().stream();
            first.token("begun");
            second.token("begun");
            assertThat(finishing.nextEvent().data()).isEqualTo("begun");
            assertThat(endless.nextEvent().data()).isEqualTo("begun");
            process.terminate();
            Eventually.until("no new request is served", RawClient.PATIENCE, () -> !isReady(base));
            first.token("and whole").finish();
            second.token("and whole");
            // It does not matter which exchange belongs to which client, until one of them ends.
            Stream.of(finishing, endless).forEach(client -> {
                try {
                    assertThat(client.nextEvent().data()).isEqualTo("and whole");
                } catch (IOException broken) {
                    throw new AssertionError(broken);
                }
            });
            List<String> lastWords = new ArrayList<>(finishing.rest().lastWords());
            lastWords.addAll(endless.rest().lastWords());
            assertThat(lastWords)
                    .as("a stream that ends in time, and one that does not")
                    .containsExactlyInAnyOrder("done", "error");
            second.awaitClosed(Duration.ofSeconds(5));
        }
        assertThat(process.awaitExit(Container.STOP)).isEqualTo(TERMINATED);
    }

    private static boolean isReady(URI base) {
        try (RawClient client =
                RawClient.connect(base).begin("GET", base.getPath() + "/health/ready", "Connection: close")) {
            return client.status() == 200;
        } catch (IOException closed) {
            return false;
        }
    }

    private static RawClient chat(URI base) throws IOException {
        return RawClient.connect(base).post(base.getPath() + "/chat", "{\"prompt\":\"Hi\"}");
    }

    private static URI awaitServing(ServerProcess process) {
        Matcher told = Eventually.until(
                "it tells where it serves",
                Container.START,
                () -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException(process.tail());
                    }
                    return SERVES.matcher(process.log());
                },
                Matcher::find);
        return URI.create(told.group(1));
    }

    /**
     * The result of a run that has ended by itself.
     *
     * @param left the files that are left in its temporary directory
     */
    private record Ended(int status, String out, String err, List<String> left) {}

    private static Ended run(Map<String, String> environment, String... arguments) throws Exception {
        Path directory = ServerProcess.newDirectory("standalone");
        return run(Files.createDirectories(directory.resolve("tmp")), environment, arguments);
    }

    private static Ended run(Path temporary, Map<String, String> environment, String... arguments) throws Exception {
        Path directory = ServerProcess.newDirectory("standalone");
        Path out = directory.resolve("out.log");
        Path err = directory.resolve("err.log");
        ProcessBuilder builder = new ProcessBuilder(command(temporary, arguments))
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(key -> key.startsWith("SLUICE_") || key.matches("PORT|XAI_API_KEY"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            if (!process.waitFor(Container.START.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("It does not end: " + Files.readString(out) + Files.readString(err));
            }
        } finally {
            process.destroyForcibly();
        }
        return new Ended(
                process.exitValue(),
                Files.readString(out),
                Files.readString(err),
                Files.isDirectory(temporary) ? entries(temporary) : List.of());
    }

    private static List<String> command(Path temporary, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                ServerProcess.java(), "-Djava.io.tmpdir=" + temporary, "-jar", ServerProcess.property("test.war")));
        command.addAll(List.of(arguments));
        return command;
    }

    private static List<String> without(List<String> all, Path one) {
        return all.stream().filter(each -> !each.equals(one.toString())).toList();
    }

    private static List<String> entries(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(Path::toString).toList();
        }
    }
}
