package dev.sluice.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.relay.Attempts;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream;
import dev.sluice.relay.Upstream.Reading;
import dev.sluice.sse.SseEncoder;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads one simulated response as a stream does, on demand, and keeps its bytes. One thread. */
final class Reception {
    private static final JsonMapper JSON = new JsonMapper();

    private final Upstream upstream;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Keeper keeper = new Keeper();
    private @Nullable Reading ending;

    Reception(Upstream upstream) {
        this.upstream = upstream;
        upstream.start(this::read, Attempts.UNHEARD);
        read();
    }

    /** Reads all that is at hand, and demands more. */
    private void read() {
        Reading reading = read(Integer.MAX_VALUE);
        if (reading == Reading.NOTHING) {
            upstream.demand();
        } else {
            ending = reading;
        }
    }

    private Reading read(int most) {
        Reading reading = upstream.read(keeper);
        while (reading == Reading.BYTES && bytes.size() < most) {
            reading = upstream.read(keeper);
        }
        return reading;
    }

    /** Reads an endless response only as far as that. */
    static String beginning(Upstream upstream, int bytes) {
        Reception reception = new Reception(upstream, bytes);
        return reception.text();
    }

    private Reception(Upstream upstream, int most) {
        this.upstream = upstream;
        upstream.start(() -> {}, Attempts.UNHEARD);
        read(most);
    }

    boolean isOver() {
        return ending != null;
    }

    @Nullable
    Reading ending() {
        return ending;
    }

    void leave() {
        upstream.cancel();
    }

    byte[] bytes() {
        return bytes.toByteArray();
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

    /** Takes what is fed, and translates nothing. */
    private final class Keeper implements Translator {
        @Override
        public String contentType() {
            return "application/octet-stream";
        }

        @Override
        public boolean takesComments() {
            return false;
        }

        @Override
        public void feed(ByteBuffer fed) {
            byte[] copy = new byte[fed.remaining()];
            fed.get(copy);
            bytes.writeBytes(copy);
        }

        @Override
        public Meaning translate(SseEncoder out) {
            return Meaning.NOTHING;
        }

        @Override
        public Failure failure() {
            throw new IllegalStateException("nothing fails here");
        }

        @Override
        public @Nullable Failure ends(@Nullable Failure reason, SseEncoder out) {
            return reason;
        }

        @Override
        public void done(SseEncoder out) {}

        @Override
        public void brokenOff(Failure failure, SseEncoder out) {}

        @Override
        public long fedBytes() {
            return bytes.size();
        }

        @Override
        public int heldBytes() {
            return 0;
        }

        @Override
        public @Nullable Usage usage() {
            return null;
        }
    }
}
