package dev.sluice.bench;

/** The events of a response of the Responses API, with the length and the fields of real ones. */
final class ResponseEvents {
    static final String CREATED = event("response.created", "\"response\":" + response("in_progress", "null"));

    static final String TOKEN = event(
            "response.output_text.delta",
            "\"content_index\":0,\"delta\":\"" + StreamText.MARK
                    + "\",\"item_id\":\"msg_099d6c816b4d9f35016a3c11fb338081a289266547cae6ff41\",\"logprobs\":[],"
                    + "\"obfuscation\":\"MWsYL9iUMgwoT\",\"output_index\":0,\"sequence_number\":4");

    private ResponseEvents() {}

    static String completed(int tokens) {
        return event(
                "response.completed",
                "\"response\":"
                        + response(
                                "completed",
                                "{\"input_tokens\":12,\"output_tokens\":" + tokens + ",\"total_tokens\":"
                                        + (12 + tokens) + "}"));
    }

    private static String response(String status, String usage) {
        return "{\"id\":\"resp_099d6c816b4d9f35016a3c11fa5c3881a2\",\"object\":\"response\",\"created_at\":1760000000,"
                + "\"status\":\"" + status + "\",\"model\":\"" + Completion.MODEL + "\",\"output\":[],\"usage\":"
                + usage
                + "}";
    }

    private static String event(String type, String members) {
        return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + members + "}\n\n";
    }
}
