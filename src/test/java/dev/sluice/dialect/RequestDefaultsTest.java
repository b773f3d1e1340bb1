package dev.sluice.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestDefaultsTest {
    private static final Set<String> OURS = Set.of("model", "stream", "stream_options");

    @Test
    void members_areKeptAsTheOperatorWroteThem() {
        RequestDefaults defaults = RequestDefaults.parse(
                " {\"a\" : 1e2,\n\"\\u0062\":{\"x\":[ \"é}\" ]} , \"c\":\"\\\"😀\",\"d\":null } ", OURS);

        assertThat(defaults.names()).containsExactly("a", "b", "c", "d");
        assertThat(defaults.member("a")).isEqualTo("\"a\" : 1e2");
        assertThat(defaults.member("b")).isEqualTo("\"\\u0062\":{\"x\":[ \"é}\" ]}");
        assertThat(defaults.value("b")).isEqualTo("{\"x\":[ \"é}\" ]}");
        assertThat(defaults.member("c")).isEqualTo("\"c\":\"\\\"😀\"");
        assertThat(defaults.member("d")).isEqualTo("\"d\":null");
        assertThat(defaults).hasToString("RequestDefaults[a, b, c, d]");
    }

    @Test
    void object_thatIsEmpty_isNone() {
        assertThat(RequestDefaults.parse("{}", OURS)).isSameAs(RequestDefaults.NONE);
        assertThat(RequestDefaults.NONE.names()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                    | It must be a JSON object such as {\"temperature\": 0.2}.",
                "[]                    | It must be a JSON object such as {\"temperature\": 0.2}.",
                "{\"a\":1} x           | It is not valid JSON: see line 1, column 9.",
                "{\"a\":1}{}           | It is not valid JSON: see line 1, column 8.",
                "{\"a\"                | It is not valid JSON: see line 1, column 5.",
                "{\"a\":1,\"a\":1}     | \"a\" is there more than once.",
                "{\"model\":\"a\"}     | \"model\" cannot have a default: Sluice sets it.",
                "{\"stream\":true}     | \"stream\" cannot have a default: Sluice sets it.",
                "{\"stream_options\":1}| \"stream_options\" cannot have a default: Sluice sets it.",
            })
    void words_thatAreNoDefaults_areRefusedInWordsForTheOperator(String json, String message) {
        assertThatThrownBy(() -> RequestDefaults.parse(json, OURS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
