package dev.sluice.it;

/** Events of a message as Anthropic writes them. */
final class MessageEvents {
    static final String START = event(
                    "message_start",
                    "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
                            + "\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":"
                            + "{\"input_tokens\":3,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":20,"
                            + "\"output_tokens\":1}}}")
            + event(
                    "content_block_start",
                    "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}");
    static final String PING = event("ping", "{\"type\": \"ping\"}");
    static final String END = event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0 }")
            + event(
                    "message_delta",
                    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":"
                            + "{\"output_tokens\":12}}")
            + event("message_stop", "{\"type\":\"message_stop\"}");

    private MessageEvents() {}

    static String text(String text) {
        return event(
                "content_block_delta",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":"
                        + Json.quote(text) + "}  }");
    }

    static String error(String type, String message) {
        return event(
                "error", "{\"type\":\"error\",\"error\":{\"type\":\"" + type + "\",\"message\":\"" + message + "\"}}");
    }

    static String event(String type, String data) {
        return "event: " + type + "\ndata: " + data + "\n\n";
    }
}
