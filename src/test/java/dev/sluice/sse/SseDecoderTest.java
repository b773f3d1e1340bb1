package dev.sluice.sse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SseDecoderTest {
    private static final int MAX = 1 << 20;

    /** The fields of one event. */
    private record Event(String type, String data, String id) {
        static Event data(String data) {
            return new Event("message", data, "");
        }
    }

    /** A stream and its events as the standard defines them. {@code wire} is Latin-1, so that it can have any byte. */
    private record Fixture(String name, String wire, List<Event> events) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Fixture> fixtures() {
        return Stream.of(
                fixture("one event", "data: hi\n\n", Event.data("hi")),
                fixture("several events", "data: a\n\ndata: b\n\n", Event.data("a"), Event.data("b")),
                fixture("CR", "data: a\rdata: b\r\rdata: c\r\r", Event.data("a\nb"), Event.data("c")),
                fixture("CRLF", "data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n", Event.data("a\nb"), Event.data("c")),
                fixture(
                        "mixed line ends",
                        "data: a\rdata: b\n\r\ndata: c\r\n\ndata: d\n\r",
                        Event.data("a\nb"),
                        Event.data("c"),
                        Event.data("d")),
                fixture("CR then blank LF line", "data: a\r\n\ndata: b\n\n", Event.data("a"), Event.data("b")),
                fixture("byte order mark", "\u00EF\u00BB\u00BFdata: a\n\n", Event.data("a")),
                fixture(
                        "a second mark is a field's name",
                        "\u00EF\u00BB\u00BF\u00EF\u00BB\u00BFdata: a\n\ndata: b\n\n",
                        Event.data("b")),
                fixture("a mark elsewhere", "data: a\n\n\u00EF\u00BB\u00BFdata: b\n\n", Event.data("a")),
                fixture("part of a mark", "\u00EF\u00BBdata: a\n\ndata: b\n\n", Event.data("b")),
                fixture("comments", ": ping\n\n:\n:x\ndata: a\n: in between\ndata: b\n\n", Event.data("a\nb")),
                fixture("no space", "data:a\n\n", Event.data("a")),
                fixture("two spaces", "data:  a\n\n", Event.data(" a")),
                fixture("a tab is no space", "data:\ta\n\n", Event.data("\ta")),
                fixture("a colon in the value", "data: a: b:c\n\n", Event.data("a: b:c")),
                fixture("no colon", "data\n\n", Event.data("")),
                fixture("the standard's three blocks", "data\n\ndata\ndata\n\ndata:", Event.data(""), Event.data("\n")),
                fixture("empty data lines", "data:\ndata:\ndata: x\ndata:\n\n", Event.data("\n\nx\n")),
                fixture("type", "event: add\ndata: 1\n\ndata: 2\n\n", new Event("add", "1", ""), Event.data("2")),
                fixture("an empty type", "event:\ndata: 1\n\n", Event.data("1")),
                fixture("the last type counts", "event: a\nevent: b\ndata: 1\n\n", new Event("b", "1", "")),
                fixture("a type without data", "event: a\n\ndata: 1\n\n", Event.data("1")),
                fixture(
                        "ids stay",
                        "id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
                        new Event("message", "a", "7"),
                        new Event("message", "b", "7"),
                        Event.data("c")),
                fixture(
                        "an id with NUL is none",
                        "id: 7\ndata: a\n\nid: 8\u0000\ndata: b\n\n",
                        new Event("message", "a", "7"),
                        new Event("message", "b", "7")),
                fixture(
                        "unknown fields",
                        "retry: 10\nfoo: bar\ndatax: 1\nDATA: 2\n data: 3\ndata: 4\n\n",
                        Event.data("4")),
                fixture("unterminated", "data: a\n\ndata: lost\n", Event.data("a")),
                fixture("nothing but line ends", "\n\r\n\r\r\n\n"),
                fixture("nothing", ""),
                utf8("characters of every length", "data: aé水🙂\ndata: ü\n\n", Event.data("aé水🙂\nü")),
                utf8("characters in type and id", "event: é\nid: 水\ndata: 1\n\n", new Event("é", "1", "水")),
                fixture("a lone continuation byte", "data: a\u0080b\n\n", Event.data("a\uFFFDb")),
                fixture("a cut character", "data: \u00E6\u00B0\n\n", Event.data("\uFFFD")),
                fixture(
                        "a cut character, then another line",
                        "data: \u00F0\u009F\u0099\ndata: b\n\n",
                        Event.data("\uFFFD\nb")),
                fixture("a surrogate", "data: \u00ED\u00A0\u0080\n\n", Event.data("\uFFFD\uFFFD\uFFFD")),
                fixture(
                        "an overlong form",
                        "data: \u00C0\u00AF \u00E0\u0080\u00AF\n\n",
                        Event.data("\uFFFD\uFFFD \uFFFD\uFFFD\uFFFD")),
                fixture(
                        "beyond Unicode",
                        "data: \u00F4\u0090\u0080\u0080\u00FF\n\n",
                        Event.data("\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD")),
                fixture("a bad type", "event: \u00FFx\ndata: 1\n\n", new Event("\uFFFDx", "1", "")));
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void feed_cutAtEveryByte_givesTheSameEvents(Fixture fixture) {
        byte[] wire = fixture.wire.getBytes(ISO_8859_1);
        for (int first = 0; first <= wire.length; first++) {
            for (int second = first; second <= wire.length; second++) {
                assertThat(decode(wire, first, second))
                        .as("cut at %d and %d", first, second)
                        .isEqualTo(fixture.events);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void feed_byteByByte_givesTheSameEvents(Fixture fixture) {
        byte[] wire = fixture.wire.getBytes(ISO_8859_1);
        var decoder = new SseDecoder(MAX);
        List<Event> events = new ArrayList<>();
        var passed = new ByteArrayOutputStream();
        for (byte b : wire) {
            decoder.feed(ByteBuffer.wrap(new byte[] {b}));
            take(decoder, events, passed);
        }
        assertIsBeginning(passed.toByteArray(), wire);
        assertThat(events).isEqualTo(fixture.events);
    }

    @Test
    void feed_randomStreamsInRandomPieces_giveTheEventsOfOnePiece() {
        var random = new Random(20261122);
        String[] words = {
            "data", "event", "id", ":", ": ", " ", "\n", "\r", "\r\n", "x", "é", "🙂", "\u0000", "data: ", "\n\n",
            "[DONE]"
        };
        for (int run = 0; run < 20_000; run++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(20); i >= 0; i--) {
                text.append(words[random.nextInt(words.length)]);
            }
            byte[] wire = text.toString().getBytes(UTF_8);
            List<Event> whole = decode(wire, wire.length, wire.length);
            int first = random.nextInt(wire.length + 1);
            int second = first + random.nextInt(wire.length - first + 1);
            assertThat(decode(wire, first, second))
                    .as("%s cut at %d and %d", text, first, second)
                    .isEqualTo(whole);
        }
    }

    @Test
    void next_eventEndedByCr_doesNotWaitForTheByteBehind() {
        var decoder = new SseDecoder(MAX);
        decoder.feed(bytes("data: a\r\n\r"));
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.EVENT);
        assertThat(decoder.text()).isEqualTo("a");
    }

    @Test
    void finish_unterminatedEvent_isShown() {
        for (String end : List.of("", "\n", "\r", "\r\n")) {
            var decoder = new SseDecoder(MAX);
            decoder.feed(bytes("data: a\n\ndata: [DONE]" + end));
            assertThat(decoder.next()).isEqualTo(SseDecoder.Next.EVENT);
            assertThat(decoder.next()).isEqualTo(SseDecoder.Next.NONE);
            assertThat(decoder.finish()).as("end %s", end.length()).isTrue();
            assertThat(decoder.dataIs("[DONE]")).isTrue();
            assertThat(decoder.dataIs("[DONE")).isFalse();
        }
    }

    @Test
    void finish_nothingPending_showsNothing() {
        for (String wire : List.of("", "data: a\n\n", "data: a\r\n\r\n", ": comment\n", "event: x\n")) {
            var decoder = new SseDecoder(MAX);
            decoder.feed(bytes(wire));
            while (decoder.next() == SseDecoder.Next.EVENT) {}
            assertThat(decoder.finish()).as(wire).isFalse();
        }
    }

    @Test
    void next_longestEventAllowed_passesAtEveryCutAndOneByteMoreNever() {
        int max = 40;
        String allowed = "data: " + "x".repeat(max - 7) + "\n";
        String tooLong = allowed.replace(": ", ": x");
        for (int cut = 0; cut <= allowed.length(); cut++) {
            assertThat(outcome(allowed + "\n", cut, max))
                    .as("cut at %d", cut)
                    .containsExactly(SseDecoder.Next.EVENT, SseDecoder.Next.NONE);
            assertThat(outcome(tooLong + "\n", cut, max))
                    .as("cut at %d", cut)
                    .containsExactly(SseDecoder.Next.TOO_LONG);
        }
    }

    @Test
    void next_eventTooLong_staysThereAndHoldsNoMoreThanWasFed() {
        var decoder = new SseDecoder(1000);
        byte[] piece = "x".repeat(100).getBytes(UTF_8);
        int pieces = 0;
        while (decoder.next() != SseDecoder.Next.TOO_LONG) {
            decoder.feed(ByteBuffer.wrap(piece));
            pieces++;
        }
        assertThat(pieces).isEqualTo(11);
        decoder.feed(bytes("\n\ndata: a\n\n"));
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.TOO_LONG);
        assertThat(decoder.finish()).isFalse();
    }

    /**
     * In whatever pieces it is decoded, all its bytes are passed on, and the events before and after it are decoded.
     */
    @Test
    void next_eventTooLongInPieces_isShownToTheLastByteAtEveryCut() {
        for (String lineEnd : List.of("\n", "\r\n", "\r")) {
            String before = ": c\ndata: a\n\n".replace("\n", lineEnd);
            String longOne = (": d\nevent: x\ndata: " + "x".repeat(30) + "\ndata:y\n" + "z".repeat(12) + "\n\n")
                    .replace("\n", lineEnd);
            byte[] wire =
                    (before + longOne + before + longOne + "data: [DONE]\n\n".replace("\n", lineEnd)).getBytes(UTF_8);
            for (int first = 0; first <= wire.length; first++) {
                for (int second = first; second <= wire.length; second++) {
                    assertPassesInPieces(wire, new int[] {0, first, second, wire.length});
                }
            }
            assertPassesInPieces(wire, IntStream.rangeClosed(0, wire.length).toArray());
        }
    }

    private static void assertPassesInPieces(byte[] wire, int[] cuts) {
        var decoder = new SseDecoder(20, true);
        var passed = new ByteArrayOutputStream();
        List<String> events = new ArrayList<>();
        boolean within = false;
        for (int i = 1; i < cuts.length; i++) {
            decoder.feed(ByteBuffer.wrap(wire, cuts[i - 1], cuts[i] - cuts[i - 1]));
            for (SseDecoder.Next next = decoder.next(); next != SseDecoder.Next.NONE; next = decoder.next()) {
                passed.write(decoder.wire(), decoder.asideOffset(), decoder.asideLength());
                if (next == SseDecoder.Next.EVENT) {
                    passed.write(decoder.wire(), decoder.eventOffset(), decoder.eventLength());
                    events.add(decoder.text());
                }
                if (next == SseDecoder.Next.PIECE) {
                    passed.write(decoder.wire(), decoder.eventOffset(), decoder.eventLength());
                    if (!within) {
                        events.add("pieces");
                    }
                    within = decoder.isWithinEvent();
                }
            }
            if (within) {
                assertThat(decoder.heldBytes())
                        .as("held of an event that passes")
                        .isZero();
            }
        }
        String cut = Arrays.toString(cuts);
        assertThat(events).as(cut).containsExactly("a", "pieces", "a", "pieces", "[DONE]");
        // The LF of the final CRLF may still be missing. It is passed on with what follows.
        assertThat(passed.toString(UTF_8) + (decoder.endsInCr() ? "\n" : ""))
                .as(cut)
                .startsWith(new String(wire, UTF_8));
    }

    @Test
    void stray_lines_areKeptUpToABound() {
        var decoder = new SseDecoder(MAX);
        decoder.feed(bytes(": c\nid: 1\nretry: 1\nevent: x\ndata: a\nerror: b\n\n{\"a\":\n1}\nid: \u0000\ndata"));
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.EVENT);
        assertThat(decoder.stray()).isEqualTo("error: b");
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.ASIDE);
        assertThat(decoder.stray()).isEqualTo("error: b\n{\"a\":\n1}");
        for (int i = 0; i < 1000; i++) {
            decoder.feed(bytes("x".repeat(10_000) + "\n"));
            assertThat(decoder.next()).isEqualTo(SseDecoder.Next.ASIDE);
        }
        assertThat(decoder.stray()).hasSizeLessThan(10_000);
    }

    @Test
    void finish_unterminatedStrayLine_isKept() {
        var decoder = new SseDecoder(MAX);
        decoder.feed(bytes("data: a\n\nerror: b"));
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.EVENT);
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.NONE);
        assertThat(decoder.finish()).isFalse();
        assertThat(decoder.stray()).isEqualTo("error: b");
    }

    @Test
    void next_commentsWithoutEnd_addUpToNothing() {
        var decoder = new SseDecoder(100);
        for (int i = 0; i < 1000; i++) {
            decoder.feed(bytes(": ping\n"));
            assertThat(decoder.next()).isEqualTo(SseDecoder.Next.ASIDE);
            assertThat(decoder.next()).isEqualTo(SseDecoder.Next.NONE);
            assertThat(decoder.heldBytes()).isZero();
        }
    }

    @Test
    void feed_oneLongEventInSmallPieces_takesLinearTime() {
        // This counts steps instead of time. Quadratic work would be about 10^11 steps and would not end.
        var decoder = new SseDecoder(16 << 20);
        byte[] piece = "y".repeat(64).getBytes(UTF_8);
        decoder.feed(bytes("data: "));
        for (int i = 0; i < 200_000; i++) {
            decoder.feed(ByteBuffer.wrap(piece));
            assertThat(decoder.next() == SseDecoder.Next.NONE).isTrue();
        }
        decoder.feed(bytes("\n\n"));
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.EVENT);
        assertThat(decoder.dataLength()).isEqualTo(64 * 200_000);
    }

    @Test
    void feed_manyDataLines_takesLinearTime() {
        var decoder = new SseDecoder(16 << 20);
        var lines = new ByteArrayOutputStream();
        for (int i = 0; i < 1_000_000; i++) {
            lines.writeBytes("data: x\n".getBytes(UTF_8));
        }
        lines.write('\n');
        decoder.feed(ByteBuffer.wrap(lines.toByteArray()));
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.EVENT);
        assertThat(decoder.dataLength()).isEqualTo(2 * 1_000_000 - 1);
    }

    @Test
    void feed_directBuffer_isTakenWhole() {
        ByteBuffer direct =
                ByteBuffer.allocateDirect(16).put(bytes("data: a\n\n")).flip();
        var decoder = new SseDecoder(MAX);
        decoder.feed(direct);
        assertThat(direct.hasRemaining()).isFalse();
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.EVENT);
        assertThat(decoder.fedBytes()).isEqualTo(9);
    }

    private static List<Event> decode(byte[] wire, int first, int second) {
        var decoder = new SseDecoder(MAX);
        List<Event> events = new ArrayList<>();
        var passed = new ByteArrayOutputStream();
        int[] cuts = {0, first, second, wire.length};
        for (int i = 1; i < cuts.length; i++) {
            decoder.feed(ByteBuffer.wrap(wire, cuts[i - 1], cuts[i] - cuts[i - 1]));
            take(decoder, events, passed);
        }
        assertIsBeginning(passed.toByteArray(), wire);
        return events;
    }

    /** Asserts that the bytes passed on are those of the stream, up to the beginning of the incomplete event. */
    private static void assertIsBeginning(byte[] shown, byte[] wire) {
        assertThat(new String(wire, ISO_8859_1)).as("bytes shown").startsWith(new String(shown, ISO_8859_1));
        String rest = new String(wire, shown.length, wire.length - shown.length, ISO_8859_1);
        assertThat(rest.contains("\n\n"))
                .as("a blank line in the rest: %s", rest)
                .isFalse();
    }

    private static void take(SseDecoder decoder, List<Event> events, ByteArrayOutputStream passed) {
        for (SseDecoder.Next next = decoder.next(); next != SseDecoder.Next.NONE; next = decoder.next()) {
            passed.write(decoder.wire(), decoder.asideOffset(), decoder.asideLength());
            if (next == SseDecoder.Next.EVENT) {
                passed.write(decoder.wire(), decoder.eventOffset(), decoder.eventLength());
                events.add(new Event(decoder.type(), decoder.text(), decoder.lastEventId()));
            }
        }
    }

    @Test
    void asideAndEvent_ofCommentsAndEvents_areToldApart() {
        var decoder = new SseDecoder(MAX);
        decoder.feed(bytes(": one\n\n: two\ndata: a\n: within\n\n: three\nid: 4\ndata: b\n"));
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.EVENT);
        assertThat(aside(decoder)).isEqualTo(": one\n\n: two\n");
        assertThat(event(decoder)).isEqualTo("data: a\n: within\n\n");
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.ASIDE);
        assertThat(aside(decoder)).isEqualTo(": three\nid: 4\n");
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.NONE);
        decoder.feed(bytes("\n"));
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.EVENT);
        assertThat(aside(decoder)).isEmpty();
        assertThat(event(decoder)).isEqualTo("data: b\n\n");
    }

    @Test
    void isLineFeedDue_eventCutInItsLastCrlf_isTold() {
        var decoder = new SseDecoder(MAX);
        decoder.feed(bytes("data: a\r\n\r"));
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.EVENT);
        assertThat(decoder.isLineFeedDue()).isTrue();
        decoder.feed(bytes("\ndata: b\r\n\r\ndata: c\r\r"));
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.EVENT);
        assertThat(aside(decoder)).isEqualTo("\n");
        assertThat(event(decoder)).isEqualTo("data: b\r\n\r\n");
        assertThat(decoder.isLineFeedDue()).isFalse();
        assertThat(decoder.next()).isEqualTo(SseDecoder.Next.EVENT);
        assertThat(decoder.isLineFeedDue()).as("where lines end in CR alone").isFalse();
    }

    private static String aside(SseDecoder decoder) {
        return new String(decoder.wire(), decoder.asideOffset(), decoder.asideLength(), UTF_8);
    }

    private static String event(SseDecoder decoder) {
        return new String(decoder.wire(), decoder.eventOffset(), decoder.eventLength(), UTF_8);
    }

    private static List<SseDecoder.Next> outcome(String wire, int cut, int max) {
        var decoder = new SseDecoder(max);
        List<SseDecoder.Next> outcome = new ArrayList<>();
        for (String piece : List.of(wire.substring(0, cut), wire.substring(cut))) {
            decoder.feed(bytes(piece));
            SseDecoder.Next next = decoder.next();
            while (next == SseDecoder.Next.EVENT || next == SseDecoder.Next.ASIDE) {
                if (next == SseDecoder.Next.EVENT) {
                    outcome.add(next);
                }
                next = decoder.next();
            }
            if (next == SseDecoder.Next.TOO_LONG) {
                return List.of(next);
            }
        }
        outcome.add(SseDecoder.Next.NONE);
        return outcome;
    }

    private static Fixture fixture(String name, String latin1, Event... events) {
        return new Fixture(name, latin1, List.of(events));
    }

    private static Fixture utf8(String name, String text, Event... events) {
        return new Fixture(name, new String(text.getBytes(UTF_8), ISO_8859_1), List.of(events));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }
}
