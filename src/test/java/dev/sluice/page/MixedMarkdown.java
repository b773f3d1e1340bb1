package dev.sluice.page;

import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** An answer of a given length with all kinds of Markdown. It is always the same. */
final class MixedMarkdown {
    private static final String[] WORDS = ("the stream server reads tokens from upstream and writes them to client with"
                    + " back pressure so that nothing is lost when a proxy buffers output or network stalls")
            .split(" ", -1);

    private final Random random = new Random(4);
    private final StringBuilder text = new StringBuilder();

    private MixedMarkdown() {}

    static String of(int length) {
        MixedMarkdown markdown = new MixedMarkdown();
        for (int section = 1; markdown.text.length() < length; section++) {
            markdown.addSection(section);
        }
        return markdown.text.substring(0, length);
    }

    private void addSection(int n) {
        text.append("## ").append(n).append(". ").append(words(4)).append("\n\n");
        text.append(words(60)).append(".\n\n");
        text.append(lines(6, line -> (line % 3 == 2 ? "  - " : "- ") + words(12)));
        text.append("\n```").append(code(n)).append("```\n\n");
        text.append("| ").append(words(1)).append(" | ").append(words(1)).append(" | n |\n|---|:-:|--:|\n");
        text.append(lines(6, line -> "| " + words(3) + " | " + words(2) + " | " + line * n + " |"));
        text.append('\n')
                .append(words(40))
                .append(" with $x_")
                .append(n)
                .append("^2 + \\frac{1}{")
                .append(n);
        text.append("}$ and \\(n \\le ")
                .append(n)
                .append("\\), ")
                .append(words(20))
                .append(".\n\n");
        text.append("> ").append(words(20)).append("\n\n");
        text.append(lines(5, line -> line + 1 + ". " + words(15))).append('\n');
    }

    private static String lines(int count, IntFunction<String> line) {
        return IntStream.range(0, count).mapToObj(line).collect(Collectors.joining("\n", "", "\n"));
    }

    private String words(int count) {
        return IntStream.range(0, count).mapToObj(word -> word()).collect(Collectors.joining(" "));
    }

    private String word() {
        String word = WORDS[random.nextInt(WORDS.length)];
        return switch (random.nextInt(14)) {
            case 0 -> "**" + word + "**";
            case 1 -> "*" + word + "*";
            case 2 -> "`" + word + "()`";
            case 3 -> "[" + word + "](https://example.org/" + word + ")";
            default -> word;
        };
    }

    private static String code(int n) {
        return switch (n % 4) {
            case 0 -> """
                    python
                    def handler(request, *, timeout=%1$d):
                        ""\"Reads a stream until it ends.""\"
                        for chunk in request.stream(timeout):  # one at a time
                            if chunk is None or len(chunk) > %1$d:
                                raise ValueError(f"bad chunk {chunk!r}")
                            yield chunk.decode("utf-8")
                    """.formatted(n);
            case 1 -> """
                    javascript
                    export async function read%1$d(reader, listener) {
                      /* until
                         the end */
                      for (;;) {
                        const { done, value } = await reader.read();
                        if (done) { return `read ${value} %1$d`; }
                        listener.text(new TextDecoder().decode(value));
                      }
                    }
                    """.formatted(n);
            case 2 -> """
                    java
                    @Override
                    public synchronized int read(byte[] buffer, int offset) throws IOException {
                        int count = Math.min(buffer.length - offset, %1$d); // what fits
                        System.arraycopy(source, position, buffer, offset, count);
                        return count == 0 ? -1 : count;
                    }
                    """.formatted(n);
            default -> """
                    sql
                    SELECT name, COUNT(*) AS total
                    FROM streams s JOIN clients c ON c.id = s.client_id
                    WHERE s.started > '2024-01-01' AND c.plan = 'free'
                    GROUP BY name HAVING COUNT(*) > %1$d;
                    """.formatted(n);
        };
    }
}
