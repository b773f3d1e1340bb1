package dev.sluice.dialect.anthropic;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The recorded streams of messages, and what a JSON library finds in them. */
final class Recordings {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private Recordings() {}

    static List<Path> streams() throws IOException, URISyntaxException {
        Path readme = Path.of(Objects.requireNonNull(Recordings.class.getResource("/captures/README.md"))
                .toURI());
        try (Stream<Path> files = Files.list(readme.resolveSibling("messages"))) {
            return files.filter(file -> file.toString().endsWith(".sse"))
                    .sorted()
                    .toList();
        }
    }

    /** A stream as text, in which each byte is one character. */
    static String text(Path file) throws IOException {
        return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    /** The content of a message, up to the first tool call. */
    record Content(String text, String thinking, boolean toolCall, String stopReason, int input, int output) {
        static Content of(Path file) throws IOException {
            StringBuilder text = new StringBuilder();
            StringBuilder thinking = new StringBuilder();
            boolean tool = false;
            String stopReason = "";
            int input = 0;
            int output = 0;
            for (String line : Files.readString(file, UTF_8).lines().toList()) {
                if (!line.startsWith("data: ")) {
                    continue;
                }
                JsonNode event = MAPPER.readTree(line.substring(6));
                tool |= event.at("/content_block/type").asString("").equals("tool_use");
                if (!tool) {
                    text.append(event.at("/delta/text").asString(""));
                    thinking.append(event.at("/delta/thinking").asString(""));
                }
                stopReason = event.at("/delta/stop_reason").asString(stopReason);
                JsonNode usage = event.has("usage") ? event.get("usage") : event.at("/message/usage");
                if (usage.has("input_tokens")) {
                    input = usage.path("input_tokens").asInt()
                            + usage.path("cache_creation_input_tokens").asInt(0)
                            + usage.path("cache_read_input_tokens").asInt(0);
                }
                output = usage.path("output_tokens").asInt(output);
            }
            return new Content(text.toString(), thinking.toString(), tool, stopReason, input, output);
        }
    }
}
