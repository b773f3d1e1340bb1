package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnswerTextTest {
    @Test
    void tokens_anyText_areItsPiecesInOrder() {
        String text = "  Hé — “two\n\n\tlines”,  水水水水水水水水水水水水水水 🙂🙂 \r\nend\n";

        assertThat(String.join("", AnswerText.tokens(text))).isEqualTo(text);
        assertThat(AnswerText.tokens("The end. 🙂\n\n水")).containsExactly("The", " end.", " 🙂", "\n\n", "水");
        assertThat(AnswerText.count(text)).isEqualTo(AnswerText.tokens(text).size());
    }

    @Test
    void tokens_longWord_areCutBetweenCharactersNotWithin() {
        assertThat(AnswerText.tokens("🙂".repeat(30)))
                .containsExactly("🙂".repeat(12), "🙂".repeat(12), "🙂".repeat(6));
    }

    @Test
    void answer_promptOfSeveralLines_isQuotedLineByLine() {
        assertThat(answer("one\r\n\r\ntwo", null)).contains("\n> one\n> \n> two\n");
    }

    @Test
    void answer_facts_areCounted() {
        assertThat(answer("three little 🙂", "Be kind"))
                .contains("- **Prompt:** 14 characters, 3 words\n")
                .contains("- **System prompt:** 7 characters\n")
                .contains("- **Model:** `sim/fast`\n")
                .contains("- **Temperature:** 0.70\n")
                .contains("- **Longest answer:** 99 tokens\n");
        assertThat(answer("three", null)).contains("- **System prompt:** none\n");
    }

    @Test
    void answer_longPrompt_isEchoedToABoundAndSentFromAFile() {
        String answer = answer("🙂".repeat(100_000), null);

        assertThat(answer).contains("> " + "🙂".repeat(2_000) + "…\n");
        assertThat(answer.length()).as("length of the answer").isLessThan(6_000);
        assertThat(answer).contains("--data-binary @prompt.txt\n```");
    }

    @Test
    void answer_promptWithQuotesAndFences_staysInItsCommandAndItsBlock() {
        assertThat(answer("it's ```code``` @here $HOME", null))
                .contains("\n````sh\ncurl -N http://127.0.0.1:8080/chat ")
                .contains("--data-raw 'it'\\''s ```code``` @here $HOME'\n````\n");
    }

    private static String answer(String prompt, @Nullable String system) {
        return String.join("", AnswerText.to(new Question("sim/fast", prompt, system, true, 99, "0.70", false)));
    }
}
