package dev.sluice.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextSeamTest {
    private static final String GRIN = "\uD83D\uDE00";

    /** The parts of random texts. Line breaks and surrogate pairs are frequent, so that they are split often. */
    private static final List<String> PARTS = List.of("a", "ü", "\n", "\r", "\r\n", GRIN, "€", " ");

    @Test
    void piece_thatCutsNothing_passesAsItIs() {
        TextSeam seam = new TextSeam();

        assertThat(seam.mend(" hello\r\n".toCharArray(), 0, 8)).isNull();
        assertThat(seam.mend((GRIN + "!").toCharArray(), 0, 3)).isNull();
    }

    @Test
    void lineBreak_cutInTwo_isOne() {
        assertThat(mended("a\r", "\nb")).containsExactly("a\r", "b");
        assertThat(mended("a\r", "\n", "\nb")).containsExactly("a\r", "", "\nb");
        assertThat(mended("a\r", "\r", "\n", "b")).containsExactly("a\r", "\r", "", "b");
    }

    @Test
    void lineFeed_afterAWholeLineBreak_stays() {
        assertThat(mended("a\r\n", "\nb")).containsExactly("a\r\n", "\nb");
    }

    @Test
    void character_cutInTwo_comesWithTheSecondPiece() {
        assertThat(mended("a\uD83D", "\uDE00b")).containsExactly("a", GRIN + "b");
        assertThat(mended("\uD83D", "\uDE00\uD83D", "\uDE00")).containsExactly("", GRIN, GRIN);
    }

    @Test
    void halfACharacter_withoutItsOtherHalf_isNotLostBeforeText() {
        assertThat(mended("\uD83D", "b")).containsExactly("", "\uD83Db");
        assertThat(mended("\uD83D", "\uD83D", "\uDE00")).containsExactly("", "\uD83D", GRIN);
    }

    @Test
    void piece_insideALargerArray_isMendedAlone() {
        TextSeam seam = new TextSeam();
        char[] text = ("xx\r" + "\nyy").toCharArray();

        assertThat(seam.mend(text, 1, 2)).isNull();
        assertThat(seam.mend(text, 3, 2)).containsExactly('y');
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nb\r\n\r\nc", "\r\r\n\n", GRIN + GRIN, "a" + GRIN + "\r\n" + GRIN})
    void text_inSingleCharacters_isTheSame(String text) {
        String[] units =
                text.chars().mapToObj(unit -> String.valueOf((char) unit)).toArray(String[]::new);
        assertThat(asRead(mended(units))).isEqualTo(lineFeeds(text));
    }

    @Test
    void text_inRandomPieces_isTheSame() {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(30); i >= 0; i--) {
                text.append(PARTS.get(random.nextInt(PARTS.size())));
            }
            List<String> pieces = new ArrayList<>();
            for (int from = 0; from < text.length(); ) {
                int to = Math.min(text.length(), from + 1 + random.nextInt(4));
                pieces.add(text.substring(from, to));
                from = to;
            }

            assertThat(asRead(mended(pieces.toArray(String[]::new))))
                    .as("seed %s", seed)
                    .isEqualTo(lineFeeds(text.toString()));
        }
    }

    private static List<String> mended(String... pieces) {
        TextSeam seam = new TextSeam();
        List<String> all = new ArrayList<>();
        for (String piece : pieces) {
            char[] mended = seam.mend(piece.toCharArray(), 0, piece.length());
            all.add(mended == null ? piece : new String(mended));
        }
        return all;
    }

    /** Each piece is one event. CR, LF and CRLF within it are read as LF. */
    private static String asRead(List<String> pieces) {
        StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> text.append(lineFeeds(piece)));
        return text.toString();
    }

    private static String lineFeeds(String text) {
        return text.replace("\r\n", "\n").replace('\r', '\n');
    }
}
