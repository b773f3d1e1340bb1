package dev.sluice.bench;

import java.util.Arrays;
import java.util.List;

/** How a client speaks to what it measures, and what it must hear. */
enum Dialect {
    /** Text only. */
    CHAT("/chat") {
        @Override
        String body(Order order) {
            return "{\"prompt\":\"" + order.prompt() + "\"}";
        }

        @Override
        StreamText answer(int tokens) {
            return new StreamText(
                    "",
                    "data: " + StreamText.MARK + "\n\n",
                    tokens,
                    "event: done\ndata: {\"finish_reason\":\"stop\",\"usage\":" + Completion.usageObject(tokens)
                            + "}\n\n");
        }
    },

    /** The upstream's events, byte for byte. */
    COMPLETIONS("/v1/chat/completions") {
        @Override
        String body(Order order) {
            return "{\"model\":\"" + Completion.MODEL
                    + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"" + order.prompt() + "\"}]}";
        }

        @Override
        StreamText answer(int tokens) {
            return new StreamText(Completion.ROLE, Completion.TOKEN, tokens, Completion.FINISH + Completion.DONE);
        }
    };

    private final String path;

    Dialect(String path) {
        this.path = path;
    }

    static Dialect of(String path) {
        return Arrays.stream(values())
                .filter(dialect -> dialect.path.equals(path))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No such path: " + path + ", but " + paths()));
    }

    static List<String> paths() {
        return Arrays.stream(values()).map(Dialect::path).toList();
    }

    String path() {
        return path;
    }

    /** The request's body, as JSON. */
    abstract String body(Order order);

    /** The body of the answer, without HTTP's framing. */
    abstract StreamText answer(int tokens);
}
