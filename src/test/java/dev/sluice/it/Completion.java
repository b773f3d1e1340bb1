package dev.sluice.it;

/** Events of a chat completion as OpenAI-compatible providers write them. */
public final class Completion {
    public static final String DONE = "data: [DONE]\n\n";

    private Completion() {}

    /** The event of one piece of text, with its blank line. */
    public static String token(String text) {
        return choice("{\"content\":" + Json.quote(text) + "}", "null");
    }

    public static String reasoning(String text) {
        return choice("{\"reasoning_content\":" + Json.quote(text) + "}", "null");
    }

    /** The event that opens an answer: a role, no text. */
    public static String role() {
        return choice("{\"role\":\"assistant\",\"content\":\"\"}", "null");
    }

    public static String empty() {
        return choice("{}", "null");
    }

    public static String finish(String reason) {
        return choice("{}", Json.quote(reason));
    }

    public static String usage(int prompt, int completion) {
        return event("\"choices\":[],\"usage\":{\"prompt_tokens\":" + prompt + ",\"completion_tokens\":" + completion
                + ",\"total_tokens\":" + (prompt + completion) + "}");
    }

    private static String choice(String delta, String finishReason) {
        return event("\"choices\":[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":" + finishReason + "}]");
    }

    private static String event(String members) {
        return "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
                + "\"model\":\"test\"," + members + "}\n\n";
    }
}
