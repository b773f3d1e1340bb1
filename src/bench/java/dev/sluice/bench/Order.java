package dev.sluice.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The client's instructions to the upstream for one stream. They are the prompt, so that every gateway passes them.
 *
 * @param stream the stream's number; each token contains it, so that tokens of other streams are detected
 * @param tokens the number of tokens
 * @param pace the times of the tokens; null for full speed
 * @param sendBuffer the upstream's {@code SO_SNDBUF} for this stream; 0 for the kernel's default
 */
record Order(int stream, int tokens, @Nullable Pace pace, int sendBuffer) {
    private static final Pattern IN_A_BODY = Pattern.compile(
            "stream (\\d{1,6}), (\\d{1,7}) tokens(?:, every (\\d{1,18}) ns after (\\d{1,18}))?(?:, send buffer (\\d{1,8}))?");

    /**
     * The times of a paced stream's tokens. The first token is sent at once, to open the stream. The others follow when the
     * upstream is told to begin; each contains the time at which it was written.
     *
     * @param every the time from one token to the next, in nanoseconds
     * @param after the time from the beginning to the second token, in nanoseconds
     */
    record Pace(long every, long after) {}

    /** A stream at full speed. */
    Order(int stream, int tokens) {
        this(stream, tokens, null, 0);
    }

    String prompt() {
        return "stream " + stream + ", " + tokens + " tokens"
                + (pace == null ? "" : ", every " + pace.every + " ns after " + pace.after)
                + (sendBuffer == 0 ? "" : ", send buffer " + sendBuffer);
    }

    /** The order in the body of a request; null if there is none. */
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
