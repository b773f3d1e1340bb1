package dev.sluice.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dialect.Dialect;
import dev.sluice.test.dialect.Parrot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** A second dialect, which comes into the built WAR as one JAR in {@code WEB-INF/lib}, and of which nothing else knows. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class DialectIT {
    private static final String ASK = "{\"model\":\"polly\",\"stream\":true,\"hear\":\"hello\"}";
    private static final String OVER = "event: over\ndata: {\"heard\":3,\"said\":2}\n\n";

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    DialectIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        Path war = warWithParrot();
        container = kind.start(Launch.plain()
                .with("sluice.upstreams.cage.url", upstream.url().toString())
                .with("sluice.upstreams.cage.key", "key-of-the-cage")
                .with("sluice.upstreams.cage.defaults", "{\"volume\":11}")
                .with("sluice.models.polly", "cage/macaw")
                .with("sluice.chat.model", "polly")
                .option("-Djetty.sluice.war=" + war)
                .option("-Dtest.war=" + war)
                .asRedeployable());
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    @Test
    void stream_passesByteForByteAndAtOnce_andIsCounted() throws IOException {
        UsageLines lines = UsageLines.after(container);
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = ask(ASK, "X-Perch: 7", "X-Other: 8", "Authorization: Bearer theirs")
                .keepBytes()) {
            Exchange exchange = upstream.next();
            assertThat(exchange.head().startLine()).isEqualTo("POST /v1/parrot HTTP/1.1");
            assertThat(exchange.body())
                    .isEqualTo("{\"volume\":11,\"model\":\"macaw\",\"stream\":true,\"hear\":\"hello\"}");
            assertThat(exchange.head().first("X-Perch")).hasValue("7");
            assertThat(exchange.head().first("X-Other")).isEmpty();
            assertThat(exchange.head().first("Authorization")).hasValue("Bearer key-of-the-cage");

            exchange.raw(String.join(
                    "\r\n",
                    "HTTP/1.1 200 OK",
                    "Content-Type: text/event-stream",
                    "X-Mood: good",
                    "X-Secret: no",
                    "Transfer-Encoding: chunked",
                    "",
                    ""));
            String first = "data: {\"say\":\"hel\"}\n\n";
            String second = ": a comment\n\ndata: {\"say\":\"lo\"}\n\n";
            exchange.chunk(first);
            assertThat(client.head().first("X-Mood")).hasValue("good");
            assertThat(client.head().first("X-Secret")).isEmpty();
            assertThat(client.nextEvent().data()).as("before the next is sent").isEqualTo("{\"say\":\"hel\"}");
            exchange.chunk(second);
            assertThat(client.nextEvent().data()).isEqualTo("{\"say\":\"lo\"}");
            exchange.chunk(OVER).end();
            assertThat(client.rest().end()).isEqualTo(Answer.End.CLEAN);
            assertThat(client.bytes()).isEqualTo(first + second + OVER);
        }
        JsonNode line = lines.first();
        assertThat(line.get("endpoint").asString()).isEqualTo("parrot");
        assertThat(line.get("model").asString()).isEqualTo("polly");
        assertThat(line.get("outcome").asString()).isEqualTo("whole");
        assertThat(line.at("/tokens/partial").asBoolean()).isFalse();
        assertThat(line.at("/tokens/prompt").asInt()).isEqualTo(3);
        assertThat(line.at("/tokens/output").asInt()).isEqualTo(2);
    }

    @Test
    void stream_thatEndsWithoutItsEndMark_isBrokenOffWithAnErrorOfItsOwnShape() throws IOException {
        UsageLines lines = UsageLines.after(container);
        upstream.script(exchange ->
                exchange.stream().event("{\"say\":\"hel\"}").event("[DONE]").end());
        try (RawClient client = ask(ASK)) {
            Answer answer = client.rest();
            assertThat(answer.end()).isEqualTo(Answer.End.BROKEN);
            assertThat(answer.last().event()).isEqualTo("squawk");
            assertThat(answer.last().data())
                    .isEqualTo("{\"squawk\":\"The upstream ended the stream before the answer was whole.\"}");
        }
        JsonNode line = lines.first();
        assertThat(line.get("error").asString()).isEqualTo("incomplete");
        assertThat(line.at("/tokens/output").asInt()).as("events that came").isEqualTo(2);
    }

    @Test
    void errorOfTheUpstreams_withinAStream_passesAsItIs() throws IOException {
        upstream.script(exchange -> exchange.stream()
                .event("{\"say\":\"hel\"}")
                .chunk("event: squawk\ndata: {\"squawk\":\"a cat\"}\n\n")
                .end());
        try (RawClient client = ask(ASK)) {
            Answer answer = client.rest();
            assertThat(answer.events()).hasSize(2);
            assertThat(answer.last().event()).isEqualTo("squawk");
            assertThat(answer.last().data()).isEqualTo("{\"squawk\":\"a cat\"}");
        }
    }

    @Test
    void refusalOfTheUpstreams_hasTheStatusAndTheShapeOfItsDialect() throws IOException {
        upstream.script(exchange -> exchange.answer(418, "application/json", "{\"squawk\":\"no seeds\"}"));
        try (RawClient client = ask(ASK)) {
            assertThat(client.status()).isEqualTo(418);
            assertThat(client.body()).isEqualTo("{\"squawk\":\"It said: no seeds\"}");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | Accept: a/b                 | 400 | The body must be a JSON object", // the endpoint
                "POST | Content-Type: text/plain    | 415 | The Content-Type must be", // the servlet
                "GET  | Accept: a/b                 | 405 | Only POST is answered here.",
                "POST | Origin: http://evil.example | 403 | A page of another origin", // the access filter
            })
    void refusalOfOurs_hasTheShapeOfItsPath(String method, String header, int status, String words) throws IOException {
        for (String path : List.of("/v1/parrot", "/v1/chat/completions")) {
            List<String> headers = new ArrayList<>(List.of(header, "Content-Length: 2", "Connection: close"));
            if (!header.startsWith("Content-Type")) {
                headers.add("Content-Type: application/json");
            }
            try (RawClient client =
                    RawClient.connect(container.base()).begin(method, path, headers.toArray(String[]::new))) {
                client.send("[]".getBytes(UTF_8));
                assertThat(client.status()).isEqualTo(status);
                assertThat(client.body())
                        .startsWith(path.equals("/v1/parrot") ? "{\"squawk\":\"" : "{\"error\":{\"message\":\"")
                        .contains(words);
            }
        }
    }

    @Test
    void wholeAnswer_passesAsItIs_andIsCounted() throws IOException {
        UsageLines lines = UsageLines.after(container);
        String json = "{\"say\":\"hello\",\"usage\":{\"heard\":4,\"said\":1}}";
        upstream.script(exchange -> exchange.answer(200, "application/json", json));
        try (RawClient client = ask("{\"model\":\"polly\"}")) {
            assertThat(client.body()).isEqualTo(json);
        }
        assertThat(lines.first().at("/tokens/prompt").asInt()).isEqualTo(4);
    }

    @Test
    void chatCompletions_areStillSpoken() throws IOException {
        upstream.script(Scripts.flood(3));
        try (RawClient client =
                RawClient.completions(container.base(), "{\"model\":\"polly\",\"stream\":true,\"messages\":[]}")) {
            assertThat(client.rest().last().data()).isEqualTo("[DONE]");
        }
        assertThat(upstream.next().head().startLine()).startsWith("POST /v1/chat/completions ");
    }

    private static RawClient ask(String json, String... headers) throws IOException {
        return RawClient.connect(container.base()).post("/v1/parrot", json, headers);
    }

    /** A copy of the built WAR, unpacked, with one JAR more. */
    private static Path warWithParrot() throws IOException {
        Path root = ServerProcess.newDirectory("parrot");
        Path war = Path.of(ServerProcess.property("test.war"));
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(war))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = root.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else {
                    Files.createDirectories(requireNonNull(file.getParent()));
                    Files.copy(zip, file);
                }
            }
        }
        Path jar = root.resolve("WEB-INF/lib/parrot.jar");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new ZipEntry("META-INF/services/" + Dialect.class.getName()));
            out.write(Parrot.class.getName().getBytes(UTF_8));
            List<Class<?>> types = new ArrayList<>(List.of(Parrot.class.getDeclaredClasses()));
            types.add(Parrot.class);
            for (Class<?> type : types) {
                String name = type.getName().replace('.', '/') + ".class";
                out.putNextEntry(new ZipEntry(name));
                try (InputStream bytes = requireNonNull(Parrot.class.getResourceAsStream("/" + name), name)) {
                    bytes.transferTo(out);
                }
            }
        }
        return root;
    }
}
