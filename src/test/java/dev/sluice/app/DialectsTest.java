package dev.sluice.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.chat.LongestAnswer;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.dialect.openai.ChatCompletions;
import dev.sluice.test.dialect.Parrot;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DialectsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path classPath;

    @Test
    void chatCompletions_areThereByThemselves() {
        Dialects dialects = Dialects.in(DialectsTest.class.getClassLoader());

        assertThat(dialects.all()).hasAtLeastOneElementOfType(ChatCompletions.class);
        assertThat(dialects.ownFields()).containsExactlyInAnyOrder("model", "stream", "stream_options");
    }

    /** A dialect that does not name its fields for the length of an answer would pass by every plan's limit. */
    @Test
    void dialects_all_holdToTheLongestAnswerOfAPlan() throws InvalidRequestException {
        byte[] body = "{\"model\":\"m\"}".getBytes(UTF_8);
        for (Dialect dialect : Dialects.in(DialectsTest.class.getClassLoader()).all()) {
            if (Set.of("embeddings", "count-tokens").contains(dialect.name())) {
                continue; // its answers are numbers
            }
            ApiRequest limited =
                    dialect.read(body, body.length).limitedTo(new LongestAnswer("team", 4321), "max_tokens");
            StringBuilder sent = new StringBuilder();
            limited.sentAs(null, false, RequestDefaults.NONE).forEach(slice -> sent.append(UTF_8.decode(slice)));
            assertThat(sent).as(dialect.name()).contains(":4321");
        }
    }

    @Test
    void dialect_thatTheClassPathAnnounces_isSpokenToo() throws IOException {
        try (URLClassLoader loader = announcing(Parrot.class.getName())) {
            assertThat(Dialects.in(loader).all())
                    .extracting(Dialect::name)
                    .contains("chat-completions")
                    .endsWith("parrot");
        }
    }

    @Test
    void dialect_thatCannotBeMade_stopsTheStart() throws IOException {
        try (URLClassLoader loader = announcing("dev.sluice.Nowhere")) {
            assertThatThrownBy(() -> Dialects.in(loader))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("An API dialect on the class path cannot be used")
                    .hasStackTraceContaining("dev.sluice.Nowhere");
        }
    }

    @Test
    void dialects_ofTheSameName_areRefused() {
        assertThatThrownBy(() -> new Dialects(List.of(new ChatCompletions(), new Parrot(), new Parrot())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Two API dialects are called parrot: dev.sluice.test.dialect.Parrot and"
                        + " dev.sluice.test.dialect.Parrot");
    }

    private URLClassLoader announcing(String name) throws IOException {
        Path services = Files.createDirectories(classPath.resolve("META-INF/services"));
        Files.write(services.resolve(Dialect.class.getName()), name.getBytes(UTF_8));
        return new URLClassLoader(new URL[] {classPath.toUri().toURL()}, DialectsTest.class.getClassLoader());
    }
}
