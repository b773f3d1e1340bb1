package dev.sluice.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the client wants of the upstream. It travels as the prompt, so that every gateway passes it on.
 *
 * @param stream its number, which comes back with every token, so that a token of another's stream is known as such
 * @param tokens how many
 * @param pace when they come; null: as fast as they go
 * @param sendBuffer the upstream's {@code SO_SNDBUF} for this stream; 0 leaves it to the kernel
 */
record Order(int stream, int tokens, @Nullable Pace pace, int sendBuffer) {
    private static final Pattern IN_A_BODY = Pattern.compile(
            "stream (\\d{1,6}), (\\d{1,7}) tokens(?:, every (\\d{1,18}) ns after (\\d{1,18}))?(?:, send buffer (\\d{1,8}))?");

    /**
     * The first token comes at once, for the stream to be open; the others after the upstream was told to begin, each
     * stamped with its time.
     *
     * @param every nanoseconds from one to the next
     * @param after nanoseconds from the beginning to the second token
     */
    record Pace(long every, long after) {}

    /** As fast as it goes. */
    Order(int stream, int tokens) {
        this(stream, tokens, null, 0);
    }

    String prompt() {
        return "stream " + stream + ", " + tokens + " tokens"
                + (pace == null ? "" : ", every " + pace.every + " ns after " + pace.after)
                + (sendBuffer == 0 ? "" : ", send buffer " + sendBuffer);
    }

    /** The order in the body of a request, or null if there is none. */
    static @Nullable Order in(String body) {
        Matcher found = IN_A_BODY.matcher(body);
        if (!found.find()) {
            return null;
        }
        return new Order(
                Integer.parseInt(found.group(1)),
                Integer.parseInt(found.group(2)),
                found.group(3) == null
                        ? null
                        : new Pace(Long.parseLong(found.group(3)), Long.parseLong(found.group(4))),
                found.group(5) == null ? 0 : Integer.parseInt(found.group(5)));
    }
}
