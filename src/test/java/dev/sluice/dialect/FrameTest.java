package dev.sluice.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Matches events against the one before. In the tests' JSON, single quotes are replaced by double ones. */
class FrameTest {
    private static final String EVENT = "{'c':'a','n':1,'o':'x'}";

    private final Frame frame = new Frame();

    @ParameterizedTest
    @ValueSource(strings = {"a", "b", "longer than before", "é", "\\u00e9\\\\", "\\'", " ", "{[,:]}"})
    void event_withAnotherText_fitsAndShowsIt(String text) {
        keep(EVENT, "a", "x");

        String event = EVENT.replace("'a'", "'" + text + "'");
        assertThat(fits(event)).as(event).isTrue();
        assertThat(frame.textOffset()).isEqualTo(6);
        assertThat(frame.textEnd()).isEqualTo(6 + text.length() + (text.equals("é") ? 1 : 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "y", "longer than before", "é", "\\'}"})
    void event_withAnotherStringBehind_fits(String other) {
        keep(EVENT, "a", "x");

        assertThat(fits(EVENT.replace("'x'", "'" + other + "'"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "'",
                "{'c':'a",
                "{'c':'",
                "{'c':'a'",
                "{'c':'','n':1,'o':'x'}",
                "{'c':'a','n':2,'o':'x'}",
                "{'c':'a','n':11,'o':'x'}",
                "{'b':'a','n':1,'o':'x'}",
                "{'c': 'a','n':1,'o':'x'}",
                "{'c':'a' ,'n':1,'o':'x'}",
                "{'c':'a'','n':1,'o':'x'}",
                "{'c':'a\\','n':1,'o':'x'}",
                "{'c':'a\n','n':1,'o':'x'}",
                "{'c':'\\x','n':1,'o':'x'}",
                "{'c':'a','n':1,'o':1}",
                "{'c':'a','n':1,'o':'x}",
                "{'c':'a','n':1,'o':'x\\'}",
                "{'c':'a','n':1,'o':'x'",
                "{'c':'a','n':1,'o':'x'}}",
                "{'c':'a','n':1,'o':'x','n':1,'o':'x'}",
                "{'c':'a','n':1,'n':1,'o':'x'}",
            })
    void event_thatDiffersElsewhere_doesNotFit(String event) {
        keep(EVENT, "a", "x");

        assertThat(fits(event)).as(event).isFalse();
    }

    @Test
    void frame_withoutAnotherString_fitsToTheLastByte() {
        keep("{'c':'a','n':1}", "a", null);

        assertThat(fits("{'c':'b','n':1}")).isTrue();
        assertThat(fits("{'c':'b','n':1}}")).isFalse();
        assertThat(fits("{'c':'b','n':1")).isFalse();
        assertThat(fits("{'c':'b','n':'1'}")).isFalse();
    }

    @Test
    void frame_keptLater_takesTheFormersPlace() {
        keep(EVENT, "a", "x");
        keep("{'text':'a'}", "a", null);

        assertThat(fits(EVENT)).isFalse();
        assertThat(fits("{'text':'b'}")).isTrue();
    }

    @Test
    void frame_tooLongToKeep_fitsNothing() {
        keep(EVENT, "a", "x");
        String longer = "{'c':'a','l':['" + "l".repeat(1024) + "']}";
        keep(longer, "a", null);

        assertThat(fits(longer)).isFalse();
        assertThat(fits(EVENT)).isFalse();
    }

    @Test
    void event_inTheMiddleOfABuffer_isComparedWithinItsBounds() {
        keep(EVENT, "a", "x");
        byte[] data = quoted("xx" + EVENT + "'}").getBytes(UTF_8);

        assertThat(frame.fits(data, 2, 2 + EVENT.length())).isTrue();
        assertThat(frame.textOffset()).isEqualTo(8);
        assertThat(frame.fits(data, 2, data.length)).isFalse();
        for (int end = 2; end < 2 + EVENT.length(); end++) {
            assertThat(frame.fits(data, 2, end)).as("up to %d", end).isFalse();
        }
    }

    private void keep(String event, String text, @Nullable String other) {
        byte[] data = quoted(event).getBytes(UTF_8);
        int textOffset = event.indexOf("'" + text + "'") + 1;
        int otherOffset = other == null ? data.length : event.indexOf("'" + other + "'") + 1;
        int otherEnd = other == null ? data.length : otherOffset + other.length();
        frame.keep(data, 0, data.length, textOffset, textOffset + text.length(), otherOffset, otherEnd);
    }

    private boolean fits(String event) {
        byte[] data = quoted(event).getBytes(UTF_8);
        return frame.fits(data, 0, data.length);
    }

    private static String quoted(String singleQuoted) {
        return singleQuoted.replace('\'', '"');
    }
}
