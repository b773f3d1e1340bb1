package dev.sluice.bench;

/** The events of a chat completion, with the length and the fields of real ones. */
final class Completion {
    /** The model's name on both sides. */
    static final String MODEL = "bench";

    static final String DONE = "data: [DONE]\n\n";

    static final String ROLE =
            chunk("\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null},"
                    + "\"logprobs\":null,\"finish_reason\":null}]");

    static final String TOKEN = chunk("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + StreamText.MARK
            + "\"},\"logprobs\":null,\"finish_reason\":null}]");

    static final String FINISH =
            chunk("\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]");

    private static final int PROMPT_TOKENS = 12;

    private Completion() {}

    /** The event with the usage, which is sent if the request asks for it. */
    static String usage(int tokens) {
        return chunk("\"choices\":[],\"usage\":" + usageObject(tokens));
    }

    static String usageObject(int tokens) {
        return "{\"prompt_tokens\":" + PROMPT_TOKENS + ",\"completion_tokens\":" + tokens + ",\"total_tokens\":"
                + (PROMPT_TOKENS + tokens) + "}";
    }

    private static String chunk(String members) {
        return "data: {\"id\":\"chatcmpl-BqX2mVd8JkR7uT4wYz1Nc5Hf9Lp0e\",\"object\":\"chat.completion.chunk\","
                + "\"created\":1760000000,\"model\":\"" + MODEL + "\"," + members + "}\n\n";
    }
}
