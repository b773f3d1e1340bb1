package dev.sluice.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.relay.Caller.Basis;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallerTest {
    @ParameterizedTest
    @CsvSource({
        "ada, ada",
        "'Ada Lovelace, née Byron', 'Ada Lovelace, née Byron'",
        "'ada\n2026 INFO forged', 'ada2026 INFO forged'",
        "'a\u001b[31mda\u0000', a[31mda",
        "'a\u2028d\u202ea\u2029', ada",
        "'a\ud83dda', ada",
    })
    void shownName_hasNoCharacterThatControlsOthers(String name, String shown) {
        assertThat(named(name).shownName()).isEqualTo(shown);
        assertThat(named(name).name()).isEqualTo(name);
    }

    @Test
    void shownName_ofALongName_isCutBetweenCharacters() {
        assertThat(named("😀".repeat(300)).shownName()).isEqualTo("😀".repeat(200));
    }

    /** Otherwise one caller could be counted as another. */
    @Test
    void callers_thatAreShownAlike_differ() {
        assertThat(named("x".repeat(200) + "1")).isNotEqualTo(named("x".repeat(200) + "2"));
        assertThat(named("ada\u0000")).isNotEqualTo(named("ada"));
        assertThat(named("local")).isNotEqualTo(Caller.LOCAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t\n"})
    void name_thatIsBlank_isRefused(String name) {
        assertThatThrownBy(() -> named(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void groups_changedLater_stayAsTheyWere() {
        Set<String> groups = new HashSet<>(Set.of("team"));
        Caller caller = new Caller("ada", Basis.CONTAINER, groups);
        groups.add("admins");
        assertThat(caller.groups()).containsExactly("team");
    }

    private static Caller named(String name) {
        return new Caller(name, Basis.CONTAINER, Set.of());
    }
}
