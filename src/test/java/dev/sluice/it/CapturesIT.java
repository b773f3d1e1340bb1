package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Recorded streams of real providers: {@code /chat} sends the text that a JSON library finds in them. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class CapturesIT {
    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    CapturesIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        container = kind.start(Launch.at(upstream.url()));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    static List<Path> streams() throws IOException, URISyntaxException {
        return files(".sse");
    }

    static List<Path> errors() throws IOException, URISyntaxException {
        return files(".json").stream()
                .filter(file -> name(file).contains("-error-"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("streams")
    void capture_streamed_givesTheTextOfItsJson(Path file) throws IOException {
        byte[] body = Files.readAllBytes(file);
        Reading expected = Reading.of(body);
        for (int cut : new int[] {body.length, 1, 7, 1000}) {
            upstream.script(Scripts.recorded(body, cut));
            try (RawClient client = RawClient.chat(container.base(), "capture")) {
                Answer answer = client.rest();
                assertThat(answer.text()).as("cut every %d bytes", cut).isEqualTo(expected.text());
                if (expected.toolCall()) {
                    assertThat(answer.lastWords()).as("cut every %d bytes", cut).containsExactly("error");
                } else {
                    assertThat(answer.lastWords()).as("cut every %d bytes", cut).containsExactly("done");
                    assertThat(Json.read(answer.last().data())
                                    .get("finish_reason")
                                    .asString())
                            .isEqualTo(expected.finishReason());
                    assertThat(answer.end()).isEqualTo(Answer.End.CLEAN);
                }
            }
        }
        container.awaitIdle();
    }

    @ParameterizedTest
    @MethodSource("errors")
    void capture_ofAnError_isAStatus(Path file) throws IOException {
        int status = Integer.parseInt(name(file).replaceAll("\\D", ""));
        upstream.script(Scripts.answer(status, Files.readString(file)));
        try (RawClient client = RawClient.chat(container.base(), "capture")) {
            // A provider's complaint about the key is not shown to the client.
            assertThat(client.status()).isEqualTo(status == 401 || status == 403 ? 502 : status);
            assertThat(Json.read(client.body()).at("/error/message").asString()).isNotBlank();
        }
    }

    /**
     * The expected content: the JSON of each event, parsed by a library.
     *
     * @param text the content of all deltas, up to the first tool call
     * @param toolCall whether there was one
     * @param finishReason the last one
     */
    private record Reading(String text, boolean toolCall, String finishReason) {
        static Reading of(byte[] body) {
            StringBuilder text = new StringBuilder();
            boolean toolCall = false;
            String finishReason = "";
            List<SseEvent> events = new ArrayList<>();
            new SseOracle(events::add).feed(body, 0, body.length);
            for (SseEvent event : events) {
                if (event.data().equals("[DONE]")) {
                    break;
                }
                for (JsonNode choice : Json.read(event.data()).path("choices")) {
                    JsonNode delta = choice.path("delta");
                    toolCall |= delta.path("tool_calls").size() > 0;
                    if (!toolCall) {
                        text.append(delta.path("content").asString(""))
                                .append(delta.path("refusal").asString(""));
                    }
                    finishReason = choice.path("finish_reason").asString(finishReason);
                }
            }
            return new Reading(text.toString().replace("\r\n", "\n").replace('\r', '\n'), toolCall, finishReason);
        }
    }

    private static List<Path> files(String suffix) throws IOException, URISyntaxException {
        Path directory = Path.of(Objects.requireNonNull(CapturesIT.class.getResource("/captures"), "no captures")
                .toURI());
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> found =
                    files.filter(file -> name(file).endsWith(suffix)).sorted().toList();
            assertThat(found).as("captures").isNotEmpty();
            return found;
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }
}
