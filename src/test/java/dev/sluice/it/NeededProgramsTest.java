package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A skipped test must name the reason, and a test must not be skipped if its program is mandatory. */
final class NeededProgramsTest {
    private static final Needs NEEDS = Objects.requireNonNull(Annotated.class.getAnnotation(Needs.class));

    @ParameterizedTest
    @ValueSource(strings = {"", "node", "node,no-such-program-2"})
    void program_missing_isLeftOutWithItsName(String mandatory) {
        ConditionEvaluationResult result = NeededPrograms.decide(NEEDS, mandatory);
        assertThat(result.isDisabled()).isTrue();
        assertThat(result.getReason()).hasValue("Not found: no-such-program, no-such-companion");
    }

    @Test
    void program_missingButMandatory_fails() {
        assertThatThrownBy(() -> NeededPrograms.decide(NEEDS, "other, no-such-program"))
                .hasMessageContaining("Not found: no-such-program, no-such-companion")
                .hasMessageContaining("test.mandatory");
    }

    @Test
    void oneOfSome_isEnough_andNoneIsLeftOut_orFailsWhereItIsMandatory() {
        List<String> none = List.of("no-such-program", "no-such-program-esr");
        assertThat(NeededPrograms.isHere("it", List.of("no-such-program", "sh"), "no-such-program"))
                .isTrue();
        assertThat(NeededPrograms.isHere("it", none, "no-such-program-esr")).isFalse();
        assertThatThrownBy(() -> NeededPrograms.isHere("it", none, "other, no-such-program"))
                .hasMessageContaining("Not found: no-such-program or no-such-program-esr")
                .hasMessageContaining("test.mandatory");
    }

    @Needs(program = "no-such-program", from = 18, with = "no-such-companion")
    private static final class Annotated {}
}
