package dev.sluice.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** The upstream's responses, with the framing of HTTP. Confined to one thread. */
final class Answers {
    private static final Pattern ASKS_FOR_USAGE = Pattern.compile("\"include_usage\"\\s*:\\s*true");
    private static final String LAST_CHUNK = "0\r\n\r\n";
    private static final Pattern ASKS_FOR_RESPONSE = Pattern.compile("\"input\"\\s*:");
    private static final StampedText STAMPED = StampedText.of(chunk(StampedText.withRoom(Completion.TOKEN)));
    private static final StampedText STAMPED_RESPONSE =
            StampedText.of(chunk(StampedText.withRoom(ResponseEvents.TOKEN)));
    /** The most streams that are cached, one for each {@link Shape}. */
    private static final int REMEMBERED = 16;

    private record Shape(int tokens, int chunkTokens, boolean usage, boolean response) {}

    private final int tokensPerChunk;
    private final boolean inBulk;
    private final Map<Shape, StreamText> known = new LinkedHashMap<>();

    /**
     * @param tokensPerChunk the number of tokens of one HTTP chunk; the number of a stream's tokens is a multiple of it
     * @param inBulk whether many chunks are written at once
     */
    Answers(int tokensPerChunk, boolean inBulk) {
        this.tokensPerChunk = tokensPerChunk;
        this.inBulk = inBulk;
    }

    /** Whether many chunks are written at once; otherwise each has a write of its own. */
    boolean inBulk() {
        return inBulk;
    }

    /** The response to a request with this body. */
    StreamText stream(Order order, String body) {
        return answered(order, body, tokensPerChunk);
    }

    private StreamText answered(Order order, String body, int chunkTokens) {
        if (known.size() == REMEMBERED) {
            known.clear();
        }
        Shape shape = new Shape(
                order.tokens(), chunkTokens, ASKS_FOR_USAGE.matcher(body).find(), asksForResponse(body));
        return known.computeIfAbsent(shape, Answers::write);
    }

    /** The bytes before and behind the tokens of a paced response to a request with this body. */
    StreamText frame(Order order, String body) {
        return answered(order, body, 1);
    }

    /** The list of models, for a gateway that requests it. */
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

    /** The event of a token of a paced response to a request with this body, in an HTTP chunk of its own. */
    static StampedText stamped(String body) {
        return asksForResponse(body) ? STAMPED_RESPONSE : STAMPED;
    }

    private static boolean asksForResponse(String body) {
        return ASKS_FOR_RESPONSE.matcher(body).find();
    }

    /** The bytes of one token of a stream without a pace, with its share of HTTP's framing. */
    static double bytesPerToken(int tokensPerChunk) {
        return (double) chunk(Completion.TOKEN.repeat(tokensPerChunk)).length() / tokensPerChunk;
    }

    /** A plain text response, to a request of the bench itself. */
    static String text(String text) {
        return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + text.length() + "\r\n\r\n" + text;
    }

    private static StreamText write(Shape shape) {
        String usage = shape.usage() ? chunk(Completion.usage(shape.tokens())) : "";
        String head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        if (shape.response()) {
            return new StreamText(
                    head + chunk(ResponseEvents.CREATED),
                    chunk(ResponseEvents.TOKEN.repeat(shape.chunkTokens())),
                    shape.tokens(),
                    chunk(ResponseEvents.completed(shape.tokens())) + LAST_CHUNK);
        }
        return new StreamText(
                head + chunk(Completion.ROLE),
                chunk(Completion.TOKEN.repeat(shape.chunkTokens())),
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
