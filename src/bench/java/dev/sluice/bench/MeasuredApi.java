package dev.sluice.bench;

import java.util.Arrays;
import java.util.List;

/** An endpoint that is measured: its path, its request, and the expected answer. */
enum MeasuredApi {
    /** The answer is text. */
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

    /** The answer is the upstream's events, byte for byte. */
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
    },

    /** The same, in the other dialect. */
    RESPONSES("/v1/responses") {
        @Override
        String body(Order order) {
            return "{\"model\":\"" + Completion.MODEL + "\",\"stream\":true,\"store\":false,\"input\":\""
                    + order.prompt() + "\"}";
        }

        @Override
        StreamText answer(int tokens) {
            return new StreamText(
                    ResponseEvents.CREATED, ResponseEvents.TOKEN, tokens, ResponseEvents.completed(tokens));
        }
    };

    private final String path;

    MeasuredApi(String path) {
        this.path = path;
    }

    static MeasuredApi of(String path) {
        return Arrays.stream(values())
                .filter(dialect -> dialect.path.equals(path))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No such path: " + path + ", but " + paths()));
    }

    static List<String> paths() {
        return Arrays.stream(values()).map(MeasuredApi::path).toList();
    }

    String path() {
        return path;
    }

    /** The request's body, as JSON. */
    abstract String body(Order order);

    /** The expected body of the answer, without HTTP's framing. */
    abstract StreamText answer(int tokens);
}
