package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.Container;
import dev.sluice.it.Exchange;
import dev.sluice.it.Launch;
import dev.sluice.it.LogsOnFailure;
import dev.sluice.it.Needs;
import dev.sluice.it.Program;
import dev.sluice.it.ScriptedUpstream;
import dev.sluice.it.ServerProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import org.apache.commons.codec.binary.Base64;
import org.apache.commons.logging.LogFactory;
import org.apache.http.HttpEntity;
import org.apache.http.client.methods.HttpPost;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The documents' code that needs no browser, run unchanged. */
@ExtendWith(LogsOnFailure.class)
final class RecipesIT {
    private static final Duration LONGEST = Duration.ofSeconds(60);

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @BeforeAll
    static void start(@TempDir Path neighbour) throws IOException {
        upstream = ScriptedUpstream.start();
        Files.writeString(neighbour.resolve("ask.jsp"), Recipe.block("jsp", 0));
        Path descriptor = Files.createDirectory(neighbour.resolve("WEB-INF")).resolve("web.xml");
        Files.writeString(descriptor, """
                <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
                  <context-param><param-name>sluice</param-name><param-value>${neighbour.base}</param-value></context-param>
                </web-app>
                """);
        container = Container.Kind.TOMCAT.start(Launch.at(upstream.url()).beside(neighbour));
    }

    @AfterAll
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    @Test
    @Needs(
            program = "curl",
            with = {"sh"})
    void shell_getsTheStream() throws IOException {
        upstream.script(RecipesIT::answer);
        try (Program lines = Program.start(
                List.of("sh", "-c", Recipe.block("sh", 0)),
                ServerProcess.newDirectory("recipe"),
                Map.of("SLUICE", container.base().toString(), "no_proxy", "127.0.0.1"))) {
            assertThat(lines.finish(LONGEST)).contains("data: a\ndata: b\n\ndata:  c\n\nevent: done\n");
        }
        Exchange exchange = upstream.next();
        assertThat(exchange.prompt()).isEqualTo("Why is the sky blue?");
        assertThat(exchange.json().get("max_tokens").asInt()).isEqualTo(100);
    }

    @Test
    void javaNetHttp_printsTheAnswer() throws Exception {
        assertThat(printedBy(Recipe.block("java", 0), List.of())).isEqualTo("a\nb c");
    }

    @Test
    void apacheHttpClient4_printsTheAnswer() throws Exception {
        assertThat(printedBy(
                        Recipe.block("java", 1),
                        List.of(HttpPost.class, HttpEntity.class, LogFactory.class, Base64.class)))
                .isEqualTo("a\nb c");
    }

    @Test
    void jspPage_passesEachPieceOnAsItComes() throws Exception {
        upstream.script(ScriptedUpstream.BY_HAND);
        CompletableFuture<HttpResponse<java.io.InputStream>> asked = HttpClient.newHttpClient()
                .sendAsync(
                        HttpRequest.newBuilder(container.base().resolve("/neighbour/ask.jsp?prompt=Why%3F"))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        Exchange exchange = upstream.next();
        assertThat(exchange.prompt()).isEqualTo("Why?");
        exchange.stream().token("a\nb");
        var body = asked.get().body();
        assertThat(new String(body.readNBytes(3), StandardCharsets.UTF_8)).isEqualTo("a\nb");
        exchange.token("ü");
        assertThat(new String(body.readNBytes(2), StandardCharsets.UTF_8)).isEqualTo("ü");
        exchange.finish();
        assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8)).isBlank();
    }

    private static void answer(Exchange exchange) throws IOException {
        exchange.stream().token("a\nb").token(" c").finish();
    }

    /** The output of the code in a new Java shell. */
    private static String printedBy(String source, List<Class<?>> libraries) throws URISyntaxException {
        upstream.script(RecipesIT::answer);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (JShell shell = JShell.builder()
                .out(new PrintStream(printed, true, StandardCharsets.UTF_8))
                .build()) {
            for (Class<?> library : libraries) {
                URI place = library.getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI();
                shell.addToClasspath(Path.of(place).toString());
            }
            run(shell, "String base = \"" + container.base() + "\";");
            run(shell, source);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    private static void run(JShell shell, String source) {
        String rest = source;
        while (!rest.isBlank()) {
            SourceCodeAnalysis.CompletionInfo next = shell.sourceCodeAnalysis().analyzeCompletion(rest);
            for (SnippetEvent event : shell.eval(next.source())) {
                assertThat(event.status())
                        .as(() -> event.snippet().source() + "\n"
                                + shell.diagnostics(event.snippet())
                                        .map(fault -> fault.getMessage(null))
                                        .toList())
                        .isEqualTo(Snippet.Status.VALID);
                assertThat(event.exception()).as(event.snippet().source()).isNull();
            }
            rest = next.remaining();
        }
    }
}
