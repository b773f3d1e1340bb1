package dev.sluice.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpHeader;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a client has received of one response, whole or not. */
final class Reception implements Response.Listener {
    private static final JsonMapper JSON = new JsonMapper();

    /** Guarded by itself. */
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private final CompletableFuture<Result> result = new CompletableFuture<>();

    @Override
    public void onContent(Response response, ByteBuffer content) {
        byte[] copy = new byte[content.remaining()];
        content.get(copy);
        synchronized (bytes) {
            bytes.writeBytes(copy);
        }
    }

    @Override
    public void onComplete(Result complete) {
        result.complete(complete);
    }

    boolean isOver() {
        return result.isDone();
    }

    Result result() throws Exception {
        return result.get(10, TimeUnit.SECONDS);
    }

    int status() throws Exception {
        return result().getResponse().getStatus();
    }

    String header(HttpHeader name) throws Exception {
        return String.valueOf(result().getResponse().getHeaders().get(name));
    }

    byte[] bytes() {
        synchronized (bytes) {
            return bytes.toByteArray();
        }
    }

    String text() {
        return new String(bytes(), UTF_8);
    }

    JsonNode json() {
        return JSON.readTree(text());
    }

    /** What the events say, without the words before their data. */
    List<String> data() {
        return Arrays.stream(text().split("\n\n"))
                .map(event -> event.substring("data: ".length()))
                .toList();
    }

    List<JsonNode> chunks() {
        return data().stream()
                .filter(data -> !data.equals("[DONE]"))
                .map(JSON::readTree)
                .toList();
    }

    /** Every text that came in this field of a delta. */
    List<String> deltas(String field) {
        return chunks().stream()
                .map(chunk -> chunk.at("/choices/0/delta/" + field))
                .filter(JsonNode::isString)
                .map(JsonNode::asString)
                .filter(text -> !text.isEmpty())
                .toList();
    }

    String content() {
        return String.join("", deltas("content"));
    }

    List<String> finishReasons() {
        return chunks().stream()
                .map(chunk -> chunk.at("/choices/0/finish_reason"))
                .filter(JsonNode::isString)
                .map(JsonNode::asString)
                .toList();
    }
}
