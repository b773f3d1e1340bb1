package dev.sluice.dialect.openai;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.relay.Translator.Meaning;
import dev.sluice.sse.SseEncoder;
import java.io.IOException;
import java.net.URISyntaxException;
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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class VerbatimTranslatorTest {
    private static final String SECRET = "local-secret-0123456789";
    private static final String TOKEN =
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}],\"usage\":null}\n\n";
    private static final String FINISH =
            "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    private static final String USAGE =
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5,\"total_tokens\":8}}\n\n";
    private static final String DONE = "data: [DONE]\n\n";

    private VerbatimTranslator translator = newTranslator(true);
    private final SseEncoder out = new SseEncoder();

    // ---- Recordings.

    static List<Path> captures() throws IOException, URISyntaxException {
        Path readme = Path.of(Objects.requireNonNull(VerbatimTranslatorTest.class.getResource("/captures/README.md"))
                .toURI());
        try (Stream<Path> files = Files.list(readme.resolveSibling("."))) {
            return files.filter(file -> file.toString().endsWith(".sse"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void capture_atEveryChunking_passesByteForByte(Path file) throws IOException {
        for (String lineEnd : new String[] {"\n", "\r\n", "\r"}) {
            String text = latin1(file).replace("\n", lineEnd);
            assertPassesAtEveryChunking(text, true, text);
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void capture_withoutUsageAskedFor_lacksThatAlone(Path file) throws IOException {
        String text = latin1(file);
        String expected = withoutUsage(text);
        for (String lineEnd : new String[] {"\n", "\r\n", "\r"}) {
            assertPassesAtEveryChunking(text.replace("\n", lineEnd), false, expected.replace("\n", lineEnd));
        }
    }

    @Test
    void captures_takenTogether_haveUsageToKeepBack() throws IOException, URISyntaxException {
        int kept = 0;
        for (Path file : captures()) {
            kept += withoutUsage(latin1(file)).equals(latin1(file)) ? 0 : 1;
        }
        assertThat(kept).as("recordings with a usage event").isGreaterThan(4);
    }

    /** Asserts the output for every chunk size up to a packet's, and for every single cut if there are not too many. */
    private static void assertPassesAtEveryChunking(String text, boolean wantsUsage, String expected) {
        byte[] wire = text.getBytes(ISO_8859_1);
        for (int size = 1; size <= 1500; size += size < 70 ? 1 : 233) {
            assertThat(passed(wire, size, wantsUsage))
                    .as("chunks of %d bytes", size)
                    .isEqualTo(expected);
        }
        var random = new Random(wire.length);
        for (int i = 0; i < Math.min(wire.length, 200); i++) {
            int cut = wire.length <= 200 ? i : random.nextInt(wire.length);
            VerbatimTranslator translator = newTranslator(wantsUsage);
            SseEncoder out = new SseEncoder();
            pump(translator, ByteBuffer.wrap(wire, 0, cut), out);
            pump(translator, ByteBuffer.wrap(wire, cut, wire.length - cut), out);
            assertThat(text(out)).as("cut at %d", cut).isEqualTo(expected);
        }
    }

    private static String passed(byte[] wire, int size, boolean wantsUsage) {
        VerbatimTranslator translator = newTranslator(wantsUsage);
        SseEncoder out = new SseEncoder();
        for (int at = 0; at < wire.length; at += size) {
            Meaning last = pump(translator, ByteBuffer.wrap(wire, at, Math.min(size, wire.length - at)), out);
            if (last == Meaning.WHOLE) {
                break;
            }
        }
        return text(out);
    }

    /** The reference: splits the text into events, and parses each to a tree. */
    private static String withoutUsage(String text) {
        StringBuilder rest = new StringBuilder();
        for (String block : text.split("(?<=\n\n)", -1)) {
            String data = block.startsWith("data: {") ? block.substring(6) : "{}";
            JsonNode event = JsonMapper.shared().readTree(new String(data.getBytes(ISO_8859_1), UTF_8));
            boolean hasUsage =
                    event.path("choices").isArray() && event.path("choices").isEmpty() && event.hasNonNull("usage");
            if (!hasUsage) {
                rest.append(block);
            } else if (event.has("timings")) { // llama.cpp sends it right after the usage
                rest.append(block.replaceFirst(",\"usage\":\\{.*}(?=,\"timings\")", ""));
            }
        }
        return rest.toString();
    }

    // ---- What passes.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: no JSON at all\n\n",
                "data: {\"choices\":[]}\n\n",
                "data: {\"choices\":[],\"usage\":null}\n\n",
                "data: {\"choices\":[],\"prompt_filter_results\":[{}]}\n\n",
                "data:{\"choices\":[{\"delta\":{\"content\":\"é🙂\"}}]}\n\n",
                "event: ping\ndata: {\"type\":\"ping\"}\n\n",
                "id: 7\nretry: 10\ndata: {}\n\n",
                "data: {\"a\":\ndata: 1}\n\n",
                ": OPENROUTER PROCESSING\n\n",
                ": ping\n",
                "\n\n\n",
                "data\n\n",
                "\uFEFFdata: {}\n\n",
                "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\":{\"total_tokens\":1}}\n\n",
            })
    void anythingElse_passesAsItCame(String bytes) {
        translator = newTranslator(false);
        assertThat(says(bytes))
                .allMatch(meaning -> meaning == Meaning.LIFE || meaning == Meaning.COMMENT || meaning == Meaning.TOKEN);
        assertThat(written()).isEqualTo(bytes);
    }

    @Test
    void brokenUtf8_passesAsItCame() {
        byte[] bytes = {'d', 'a', 't', 'a', ':', (byte) 0xFF, (byte) 0xC3, '\n', '\n'};
        translator.feed(ByteBuffer.wrap(bytes));
        translator.translate(out);
        assertThat(java.util.Arrays.copyOf(out.array(), out.length())).isEqualTo(bytes);
    }

    @Test
    void event_notWhole_isHeldBack() {
        assertThat(says(": a\ndata: b\n")).containsExactly(Meaning.COMMENT);
        assertThat(written()).isEqualTo(": a\n");
        assertThat(says("\n")).containsExactly(Meaning.LIFE);
        assertThat(written()).isEqualTo(": a\ndata: b\n\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"content\":\"a\"}",
                "{\"reasoning_content\":\"a\"}",
                "{\"refusal\":\"a\"}",
                "{\"tool_calls\":[{\"index\":0}]}"
            })
    void delta_thatSaysSomething_isAToken(String delta) {
        assertThat(says("data: {\"choices\":[{\"index\":0,\"delta\":" + delta + "}]}\n\n"))
                .containsExactly(Meaning.TOKEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"role\":\"assistant\",\"content\":\"\"}", "{}", "{\"content\":null}"})
    void delta_thatSaysNothing_isLife(String delta) {
        assertThat(says("data: {\"choices\":[{\"index\":0,\"delta\":" + delta + "}]}\n\n"))
                .containsExactly(Meaning.LIFE);
    }

    // ---- Usage.

    @Test
    void usage_notAskedFor_isKeptBackAndCounted() {
        translator = newTranslator(false);
        says(TOKEN + ": before\n" + USAGE + ": after\n\n" + DONE);
        assertThat(written()).isEqualTo(TOKEN + ": before\n: after\n\n" + DONE);
        Usage usage = Objects.requireNonNull(translator.usage());
        assertThat(usage.totalTokens()).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void usage_notAskedForBesideMore_isTakenOutOfItsEvent(String lineEnd) {
        String event = ": c\nid: 7\ndata: {\"choices\":[],\"usage\":{\"total_tokens\":8},\"citations\":[\"é\"]}\n\n"
                .replace("\n", lineEnd);
        byte[] wire = event.getBytes(UTF_8);
        for (int size = 1; size <= wire.length; size++) {
            translator = newTranslator(false);
            out.clear();
            for (int at = 0; at < wire.length; at += size) {
                pump(translator, ByteBuffer.wrap(wire, at, Math.min(size, wire.length - at)), out);
            }
            pump(translator, ByteBuffer.wrap(DONE.getBytes(UTF_8)), out);
            assertThat(written())
                    .as("chunks of %d bytes", size)
                    .isEqualTo(event.replace("\"usage\":{\"total_tokens\":8},", "") + DONE);
            assertThat(Objects.requireNonNull(translator.usage()).totalTokens()).isEqualTo(8);
        }
    }

    @Test
    void usage_notAskedForInSeveralLines_isTakenOutToo() {
        translator = newTranslator(false);
        says("data: {\"choices\":[],\ndata: \"usage\":{\ndata: \"total_tokens\":8},\ndata: \"citations\":[\"é\"]}\n\n");
        assertThat(written()).isEqualTo("data: {\"choices\":[],\ndata: \"citations\":[\"é\"]}\n\n");
    }

    @Test
    void usage_notAskedForWithinAChoicesEvent_passes() {
        translator = newTranslator(false);
        String event = FINISH.replace("}]}", "}],\"usage\":{\"total_tokens\":8}}");
        says(event);
        assertThat(written()).isEqualTo(event);
    }

    @Test
    void usage_askedFor_passes() {
        says(TOKEN + USAGE + DONE);
        assertThat(written()).isEqualTo(TOKEN + USAGE + DONE);
    }

    // ---- Ends.

    @Test
    void doneMark_passesAndIsTheLastWord() {
        assertThat(says(TOKEN + FINISH + DONE)).containsExactly(Meaning.TOKEN, Meaning.LIFE, Meaning.WHOLE);
        translator.done(out);
        assertThat(written()).isEqualTo(TOKEN + FINISH + DONE);
        assertThat(translator.lacks()).isNull();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.dialect.openai.ChatTranslatorTest#complaints")
    void doneMark_ofAnAnswerThatIsNotFinished_passesWithAllBeforeIt(String complaint) {
        for (String before : List.of(TOKEN, TOKEN + complaint)) {
            for (String end : List.of(DONE, "data: [DONE]")) {
                translator = newTranslator(true);
                out.clear();
                says(before + end);
                assertThat(end.equals(DONE) ? null : translator.ends(null, out)).isNull();
                translator.done(out);
                assertThat(written()).isEqualTo(before + end);
                assertThat(Objects.requireNonNull(translator.lacks()).code()).isEqualTo("unfinished");
            }
        }
    }

    @Test
    void doneMark_ofAnUpstreamThatNeverSaysWhy_isProof() {
        ProviderWords words = new ProviderWords(List.of(SECRET));
        translator = new VerbatimTranslator(new AnswerContext(words, 64 * 1024, () -> true), 1, true);
        says(TOKEN + DONE);
        assertThat(translator.lacks()).isNull();
    }

    @Test
    void doneMark_withAChoiceThatNeverBegan_isNoProof() {
        ProviderWords words = new ProviderWords(List.of(SECRET));
        translator = new VerbatimTranslator(new AnswerContext(words, 64 * 1024, () -> false), 2, true);
        says(TOKEN + FINISH + DONE);
        assertThat(translator.lacks()).isNotNull();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.dialect.openai.ChatTranslatorTest#flatErrors")
    void complaint_asTheFirstEvent_isAFailureAndToldInASecondEvent(String data) {
        String event = "data: " + data + "\n\n";
        assertThat(says(": c\n\n" + event)).containsExactly(Meaning.FAILED);
        assertThat(written()).as("it can still be a status").isEmpty();
        Failure failure = translator.failure();
        assertThat(failure.message()).contains("overloaded");
        translator.brokenOff(failure, out); // heartbeats have begun the answer before
        assertThat(written()).startsWith(": c\n\n" + event + "data: {\"error\":{\"message\":\"");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.dialect.openai.ChatTranslatorTest#complaints")
    void complaint_thenCleanEnd_isTheReason(String complaint) {
        says(TOKEN + complaint);
        assertThat(Objects.requireNonNull(translator.ends(null, out)).message()).contains("overloaded");
        assertThat(written()).isEqualTo(TOKEN + complaint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: [DONE]", "data: [DONE]\n", ": x\ndata: [DONE]\r\n"})
    void doneMark_unterminated_passesAtTheEnd(String last) {
        says(TOKEN + last);
        assertThat(translator.ends(null, out)).isNull();
        assertThat(written()).isEqualTo(TOKEN + last);
    }

    @Test
    void cleanEnd_afterEveryChoiceFinished_isWhole() {
        says(TOKEN + TOKEN.replace("\"index\":0", "\"index\":1") + FINISH);
        assertThat(translator.ends(null, out)).as("choice 1 goes on").isNotNull();
        says(FINISH.replace("\"index\":0", "\"index\":1"));
        assertThat(translator.ends(null, out)).isNull();
    }

    @Test
    void cleanEnd_beforeTheFinish_isNot() {
        says(TOKEN);
        Failure failure = Objects.requireNonNull(translator.ends(null, out));
        assertThat(failure.code()).isEqualTo("incomplete");
        translator.brokenOff(failure, out);
        assertThat(written())
                .isEqualTo(TOKEN + "data: {\"error\":{\"message\":\"" + failure.message()
                        + "\",\"type\":\"upstream_error\",\"param\":null,\"code\":\"incomplete\"}}\n\n");
    }

    // ---- The provider's errors.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"x\"}}\n\n",
                "event: error\ndata: {\"error\":{\"message\":\"overloaded\"}}\n\n",
                "event: error\ndata: {\"detail\":\"overloaded\"}\n\n",
                "event: error\ndata: overloaded\n\n",
                "data: {\"choices\":[{\"delta\":{},\"error\":{\"message\":\"overloaded\"}}]}\n\n",
                "data: {\"code\":\"internal\",\"error\":\"overloaded\"}\n\n"
            })
    void error_ofTheProvider_passesAsItCameAndNothingBehindIt(String error) {
        assertThat(says(TOKEN + error + TOKEN).get(1)).isEqualTo(Meaning.FAILED);
        assertThat(written()).as("until it is known how it is told").isEqualTo(TOKEN);
        assertThat(translator.failure().message()).contains("overloaded");
        translator.brokenOff(translator.failure(), out);
        assertThat(written()).isEqualTo(TOKEN + error);
    }

    @Test
    void error_afterACommentInTheSamePiece_writesNothingUntilItIsKnownHowItIsTold() {
        String piece = ": processing\n\ndata: {\"error\":{\"message\":\"overloaded\"}}\n\n";
        assertThat(says(piece)).containsExactly(Meaning.FAILED);
        assertThat(written()).as("it can still be a status").isEmpty();
        translator.brokenOff(translator.failure(), out);
        assertThat(written()).isEqualTo(piece);
    }

    @ParameterizedTest
    @ValueSource(strings = {"you sent " + SECRET, "Incorrect key: sk-abc***xyz", "Bearer abcdefgh"})
    void error_thatShowsAKey_isToldInOurWords(String message) {
        says(TOKEN + "data: {\"error\":{\"message\":\"" + message + "\"}}\n\n");
        translator.brokenOff(translator.failure(), out);
        assertThat(written())
                .startsWith(TOKEN + "data: {\"error\":{\"message\":\"")
                .doesNotContain(SECRET, "sk-abc", "xyz", "abcdefgh");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {\"detail\":\"Invalid key KEY\"}\n\n",
                "data: {\"code\":401,\"message\":\"Invalid key KEY\"}\r\r",
                "error: Invalid key KEY\n\n",
                "{\"error\":{\"message\":\"Invalid key KEY\"}}\n\n"
            })
    void complaint_thatShowsAKey_doesNotPass(String complaint) {
        says(TOKEN + complaint.replace("KEY", SECRET) + FINISH + ": c\n\n" + DONE);
        assertThat(written())
                .doesNotContain(SECRET)
                .startsWith(TOKEN)
                .contains(FINISH)
                .endsWith(DONE);
    }

    // ---- Events that are too long.

    @Test
    void event_tooLong_passesInPieces() {
        String image =
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"images\":[\"" + "x".repeat(200_000) + "\"]}}]}\n\n";
        String all = TOKEN + ": c\n" + image + TOKEN + FINISH + USAGE + DONE;
        byte[] wire = all.getBytes(UTF_8);
        for (int size : new int[] {wire.length, 65_536, 1_000, 7}) {
            translator = newTranslator(true);
            out.clear();
            int most = 0;
            for (int at = 0; at < wire.length; at += size) {
                pump(translator, ByteBuffer.wrap(wire, at, Math.min(size, wire.length - at)), out);
                most = Math.max(most, translator.heldBytes());
            }
            assertThat(written().equals(all)).as("chunks of %d bytes", size).isTrue();
            assertThat(most).as("bytes held").isLessThanOrEqualTo(64 * 1024 + size);
            assertThat(translator.lacks()).isNull();
        }
    }

    @Test
    void event_tooLongAsTheLast_mayHaveBeenTheEnd() {
        String image = "data: {\"x\":\"" + "x".repeat(70_000) + "\"}\n\n";
        assertThat(says(image + DONE)).containsExactly(Meaning.TOKEN, Meaning.WHOLE);
        assertThat(translator.lacks()).isNull();

        translator = newTranslator(true);
        says(image);
        assertThat(translator.ends(null, out)).isNull();

        translator = newTranslator(true);
        says(image + TOKEN + DONE);
        assertThat(translator.lacks()).as("it was not the end").isNotNull();
    }

    @Test
    void event_tooLongAndCut_isNotWholeAndTheErrorIsAnEventOfItsOwn() {
        String cut = "data: {\"x\":\"" + "x".repeat(70_000);
        assertThat(says(cut)).containsExactly(Meaning.TOKEN);
        assertThat(translator.isWithinEvent()).isTrue();
        Failure failure = Objects.requireNonNull(translator.ends(null, out));
        translator.brokenOff(failure, out);
        assertThat(written()).startsWith(cut + "\n\ndata: {\"error\":");
    }

    private List<Meaning> says(String bytes) {
        translator.feed(ByteBuffer.wrap(bytes.getBytes(UTF_8)));
        List<Meaning> meanings = new ArrayList<>();
        for (Meaning next = translator.translate(out);
                next != Meaning.NOTHING;
                next = isOver(next) ? Meaning.NOTHING : translator.translate(out)) {
            meanings.add(next);
        }
        return meanings;
    }

    private static @Nullable Meaning pump(VerbatimTranslator translator, ByteBuffer bytes, SseEncoder out) {
        translator.feed(bytes);
        Meaning next = translator.translate(out);
        while (next != Meaning.NOTHING && !isOver(next)) {
            next = translator.translate(out);
        }
        return next;
    }

    private static boolean isOver(Meaning meaning) {
        return meaning == Meaning.WHOLE || meaning == Meaning.FAILED;
    }

    private static VerbatimTranslator newTranslator(boolean wantsUsage) {
        ProviderWords words = new ProviderWords(List.of(SECRET));
        return new VerbatimTranslator(new AnswerContext(words, 64 * 1024, () -> false), 1, wantsUsage);
    }

    private String written() {
        return new String(out.array(), 0, out.length(), UTF_8);
    }

    private static String text(SseEncoder out) {
        return new String(out.array(), 0, out.length(), ISO_8859_1);
    }

    private static String latin1(Path file) throws IOException {
        return Files.readString(file, ISO_8859_1);
    }
}
