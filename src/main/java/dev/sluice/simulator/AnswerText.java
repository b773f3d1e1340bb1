package dev.sluice.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The simulator's answer to a prompt, in Markdown, and its division into tokens. */
final class AnswerText {
    /** A longer prompt is repeated in part only. In code points. */
    private static final int LONGEST_ECHO = 2_000;

    private static final Pattern BACKTICKS = Pattern.compile("`+");

    /** Line breaks; or up to 12 characters of a word with the space before it; or the space at the end of a line. */
    private static final Pattern TOKEN = Pattern.compile("\n+|[^\\S\n]*\\S{1,12}|[^\\S\n]+");

    private static final Pattern WORD = Pattern.compile("\\S+");

    private AnswerText() {}

    static List<String> to(Question question) {
        String prompt = question.prompt().replace("\r\n", "\n").replace('\r', '\n');
        boolean whole = prompt.codePointCount(0, prompt.length()) <= LONGEST_ECHO;
        String echo = whole ? prompt : prompt.substring(0, prompt.offsetByCodePoints(0, LONGEST_ECHO)) + "…";
        return tokens("""
                This is Sluice’s built-in simulator: no language model was asked. To get a real answer, set the \
                environment variable `XAI_API_KEY`, or point `sluice.upstream.url` at any OpenAI-compatible API, \
                and start Sluice again.

                You wrote:

                %s

                What arrived here:

                %s

                The same from a command line:

                %s

                Every word came as a token of its own — even “déjà vu”, 水 and 🙂 …
                """.formatted(quoted(echo), facts(question), command(prompt, whole)));
    }

    static List<String> tokens(String text) {
        List<String> tokens = new ArrayList<>();
        Matcher token = TOKEN.matcher(text);
        while (token.find()) {
            tokens.add(token.group());
        }
        return tokens;
    }

    /** The number of tokens of the text. */
    static long count(String text) {
        return TOKEN.matcher(text).results().count();
    }

    private static String quoted(String text) {
        return "> " + text.replace("\n", "\n> ");
    }

    private static String facts(Question question) {
        String prompt = question.prompt();
        String system = question.system();
        Integer limit = question.maxTokens();
        String temperature = question.temperature();
        return """
                - **Prompt:** %d characters, %d words
                - **System prompt:** %s
                - **Model:** `%s`
                - **Temperature:** %s
                - **Longest answer:** %s""".formatted(
                        prompt.codePointCount(0, prompt.length()),
                        WORD.matcher(prompt).results().count(),
                        system == null ? "none" : system.codePointCount(0, system.length()) + " characters",
                        question.model(),
                        temperature == null ? "not set" : temperature,
                        limit == null ? "not set" : limit + " tokens");
    }

    /** The code fence is longer than any run of backticks in the prompt, so that the prompt cannot end it. */
    private static String command(String prompt, boolean whole) {
        String data = whole ? "--data-raw " + shellQuoted(prompt) : "--data-binary @prompt.txt";
        int longest = BACKTICKS
                .matcher(data)
                .results()
                .mapToInt(run -> run.end() - run.start())
                .max()
                .orElse(0);
        String fence = "`".repeat(Math.max(3, longest + 1));
        return fence
                + "sh\ncurl -N http://127.0.0.1:8080/chat \\\n  -H 'Content-Type: text/plain; charset=utf-8' \\\n  "
                + data + "\n" + fence;
    }

    private static String shellQuoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
