package dev.sluice.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** What the upstream answers, HTTP's framing included. Confined to one thread. */
final class Answers {
    private static final Pattern ASKS_FOR_USAGE = Pattern.compile("\"include_usage\"\\s*:\\s*true");
    private static final String LAST_CHUNK = "0\r\n\r\n";
    /** Streams of so many lengths are remembered. */
    private static final int REMEMBERED = 16;

    private record Shape(int tokens, boolean usage) {}

    private final int tokensPerChunk;
    private final Map<Shape, StreamText> known = new LinkedHashMap<>();

    /** @param tokensPerChunk how many tokens one HTTP chunk brings; every stream's number of tokens is a multiple */
    Answers(int tokensPerChunk) {
        this.tokensPerChunk = tokensPerChunk;
    }

    /** The answer to a request with this body. */
    StreamText stream(Order order, String body) {
        if (known.size() == REMEMBERED) {
            known.clear();
        }
        Shape shape = new Shape(order.tokens(), ASKS_FOR_USAGE.matcher(body).find());
        return known.computeIfAbsent(shape, this::write);
    }

    /** The list of models, for a gateway that asks. */
    static String models() {
        return whole(
                "200 OK",
                "{\"object\":\"list\",\"data\":[{\"id\":\"" + Completion.MODEL
                        + "\",\"object\":\"model\",\"created\":1760000000,\"owned_by\":\"bench\"}]}");
    }

    static String refusal(String why) {
        return whole(
                "400 Bad Request",
                "{\"error\":{\"message\":\"" + why
                        + "\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":null}}");
    }

    private StreamText write(Shape shape) {
        String usage = shape.usage() ? chunk(Completion.usage(shape.tokens())) : "";
        return new StreamText(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + chunk(Completion.ROLE),
                chunk(Completion.TOKEN.repeat(tokensPerChunk)),
                shape.tokens(),
                chunk(Completion.FINISH) + usage + chunk(Completion.DONE) + LAST_CHUNK);
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    private static String whole(String status, String json) {
        return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + json.length()
                + "\r\n\r\n" + json;
    }
}
