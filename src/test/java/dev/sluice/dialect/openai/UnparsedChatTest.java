package dev.sluice.dialect.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.openai.ChunkScanner.Kind;
import dev.sluice.relay.Translator.Meaning;
import dev.sluice.sse.SseEncoder;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * For an event that {@link ChunkScanner} recognizes, {@code /chat} writes the same bytes as for one that it parses. Each
 * event is translated twice: unchanged, and with an additional member that has no meaning but whose name has an escape,
 * so that {@link ChunkScanner} does not recognize the event.
 */
class UnparsedChatTest {
    private static final String DISGUISE = "\"\\u0078\":0";

    /** The parts of texts: all escapes, line breaks and characters that can be split between two events. */
    private static final String[] PIECES = {
        "a",
        " ",
        "é",
        "水",
        "😀",
        "data: ",
        ":",
        "\\n",
        "\\r",
        "\\r\\n",
        "\\n\\r",
        "\\u000a",
        "\\u000d",
        "\\u000D\\u000A",
        "\\t",
        "\\b",
        "\\f",
        "\\/",
        "/",
        "\\\"",
        "\\\\",
        "\\\\r",
        "\\\\n",
        "\\\\u000d",
        "\\\\ud83d",
        "\\u0000",
        "\\u001f",
        "\\u007f",
        "\\u0080",
        "\\u00e9",
        "\\u07ff",
        "\\u0800",
        "\\uFFFD",
        "\\uffff",
        "\\ud83d",
        "\\uDE00",
        "\\ud83d\\ude00",
        "\\uDBFF\\uDFFF",
        "\\ud800\\udc00",
        "\\ud83d\\n",
        "\\ud83d\\\\",
        "\\ud83d\\u0041"
    };

    static Stream<Path> captures() throws IOException, URISyntaxException {
        URL readme = Objects.requireNonNull(UnparsedChatTest.class.getResource("/captures/README.md"));
        try (Stream<Path> files = Files.list(Path.of(readme.toURI()).resolveSibling("."))) {
            return files.filter(file -> file.toString().endsWith(".sse")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void capture_notParsed_isTranslatedAsIfItWere(Path capture) throws IOException {
        String events = Files.readString(capture);

        String written = translated(events, true);

        assertThat(written).isEqualTo(translated(events.replace("data: {", "data: {" + DISGUISE + ","), true));
        assertThat(written).as("something was said").contains("data: ");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void texts_ofAnyPieces_notParsed_areTranslatedAsIfTheyWere(boolean wantsReasoning) {
        for (int seed = 0; seed < 5_000; seed++) {
            Random random = new Random(seed);
            List<String> events = new ArrayList<>();
            for (int i = random.nextInt(8); i >= 0; i--) {
                String name = random.nextInt(4) == 0 ? "reasoning_content" : "content";
                events.add("{\"choices\":[{\"index\":0,\"delta\":{\"" + name + "\":\"" + text(random) + "\"}}]}");
            }

            assertTranslatedAsIfParsed(events, wantsReasoning, seed);
        }
    }

    /**
     * Random events that no provider sends, between ordinary ones. After a text that ends within a character, any other
     * event may follow.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void events_ofAnyContentAndOrder_notParsed_areTranslatedAsIfTheyWere(boolean wantsReasoning) {
        for (int seed = 0; seed < 5_000; seed++) {
            Random random = new Random(seed);
            List<String> events = new ArrayList<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                events.add(new AnyEvent(random).json().replaceAll("\\s", " "));
            }

            assertTranslatedAsIfParsed(events, wantsReasoning, seed);
        }
    }

    @Test
    void event_withAnEscapedName_isNotRecognized() {
        ChunkScanner scanner = new ChunkScanner();
        byte[] plain = "{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}".getBytes(UTF_8);
        byte[] disguised = disguised(new String(plain, UTF_8)).getBytes(UTF_8);

        assertThat(scanner.kind(plain, 0, plain.length)).isEqualTo(Kind.CONTENT);
        assertThat(scanner.kind(disguised, 0, disguised.length)).isEqualTo(Kind.UNKNOWN);
    }

    private static void assertTranslatedAsIfParsed(List<String> events, boolean wantsReasoning, int seed) {
        StringBuilder plain = new StringBuilder();
        StringBuilder disguised = new StringBuilder();
        for (String event : events) {
            plain.append("data: ").append(event).append("\n\n");
            disguised.append("data: ").append(disguised(event)).append("\n\n");
        }
        assertThat(translated(plain.toString(), wantsReasoning))
                .as("seed %d: %s", seed, plain)
                .isEqualTo(translated(disguised.toString(), wantsReasoning));
    }

    private static String disguised(String event) {
        int members = event.indexOf('{') + 1;
        String rest = event.substring(members);
        return event.substring(0, members) + DISGUISE + (rest.strip().startsWith("}") ? "" : ",") + rest;
    }

    /** The written bytes, the meaning of each event, the outcome and the usage. */
    private static String translated(String events, boolean wantsReasoning) {
        SseEncoder out = new SseEncoder();
        ChatTranslator translator = new ChatTranslator(
                new AnswerContext(new ProviderWords(List.of()), 1 << 20, () -> false), 1, wantsReasoning);
        List<Meaning> meanings = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        translator.feed(ByteBuffer.wrap(events.getBytes(UTF_8)));
        for (Meaning next = translator.translate(out); next != Meaning.NOTHING; next = translator.translate(out)) {
            meanings.add(next);
            if (next == Meaning.FAILED) {
                failures.add(translator.failure().code());
            }
        }
        Failure end = translator.ends(null, out);
        translator.done(out);
        return new String(out.array(), 0, out.length(), UTF_8) + meanings + failures + code(end);
    }

    private static @Nullable String code(@Nullable Failure failure) {
        return failure == null ? null : failure.code();
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(5); i > 0; i--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }
}
