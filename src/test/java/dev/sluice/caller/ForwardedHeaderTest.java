package dev.sluice.caller;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7239, section 4. */
class ForwardedHeaderTest {
    @Test
    void elements_ofSeveralLines_areInOrder() {
        assertThat(ForwardedHeader.elements(List.of("for=192.0.2.43, for=198.51.100.17", "for=203.0.113.60")))
                .containsExactly(
                        Map.of("for", "192.0.2.43"), Map.of("for", "198.51.100.17"), Map.of("for", "203.0.113.60"));
    }

    @Test
    void pairs_namesInAnyCase_blanksAroundSeparators() {
        assertThat(ForwardedHeader.elements(
                        List.of("For=\"[2001:db8:cafe::17]:4711\" ; PROTO=https;Host=a.example ,\tfor=_x")))
                .containsExactly(
                        Map.of("for", "[2001:db8:cafe::17]:4711", "proto", "https", "host", "a.example"),
                        Map.of("for", "_x"));
    }

    @Test
    void quotes_holdSeparatorsAndEscapes() {
        assertThat(ForwardedHeader.elements(List.of("by=\"a,b;c=\\\"d\\\\\";for=\"\"")))
                .containsExactly(Map.of("by", "a,b;c=\"d\\", "for", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ",",
                "for=1.2.3.4,",
                ",for=1.2.3.4",
                "for=1.2.3.4;",
                ";for=1.2.3.4",
                "for",
                "for=",
                "=1.2.3.4",
                "for =1.2.3.4",
                "for= 1.2.3.4",
                "for=1.2.3.4 proto=http",
                "for=1.2.3.4:80",
                "for=::1",
                "for=[::1]",
                "for=1.2.3.4;for=5.6.7.8",
                "for=1.2.3.4;FOR=5.6.7.8",
                "for=\"1.2.3.4",
                "for=\"1.2.3.4\\",
                "for=\"1.2.3.4\\\"",
                "for=\"1.2.3.4\"x",
                "for=é",
            })
    void line_illFormed_spoilsAll(String line) {
        assertThat(ForwardedHeader.elements(List.of("for=192.0.2.43", line))).isNull();
        assertThat(ForwardedHeader.elements(List.of(line, "for=192.0.2.43"))).isNull();
    }

    /** The client sends an opening quote, so that the proxy's element would become a part of its string. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "for=127.0.0.1;x=\", for=203.0.113.9",
                "for=127.0.0.1, for=\", for=\"[2001:db8::9]\"",
                "for=127.0.0.1;x=\"\\, for=\"[2001:db8::9]\";proto=http",
            })
    void quote_openedByTheClient_hidesNothing(String line) {
        assertThat(ForwardedHeader.elements(List.of(line))).isNull();
    }

    @Test
    void line_asLongAsContainersTake_isRead() {
        String text = "\\\"".repeat(100_000);
        assertThat(ForwardedHeader.elements(List.of("for=\"" + text + "\"")))
                .containsExactly(Map.of("for", "\"".repeat(100_000)));
    }
}
